import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:tls';
import { providers } from '../core/login.ts';
import { probeNames } from '../core/probe-names.ts';
import type { HttpProof, Proof, Release, TlsProof } from '../core/release.ts';
import { asProver } from './as-prover.ts';
import { currentHash, loadBundle } from './bundle-store.ts';
import type { Layout } from './layout.ts';
import type { LoginTrial } from './login-proof.ts';
import { secretOf } from './secrets.ts';
import { isBeingChanged, runningRelease } from './switch.ts';

/** Asks every proof of a release, as the only user whom the trial lets through. Throws with what was answered. */
export async function proveRelease(release: Release, agent: string[]): Promise<void> {
  if (release.proofs.length === 0) return;
  const result = await asProver(agent, 'prove', JSON.stringify(release.proofs), 30_000);
  if (result.code !== 0) throw new Error(result.stderr.trim() || result.stdout.trim());
}

/** Logs in to a service as a person, an administrator and a stranger, as the only user whom the trial lets through. */
export async function proveLoginOf(layout: Layout, release: Release, agent: string[]): Promise<void> {
  const { routes, service } = release;
  const trial = release.login?.trial;
  if (!trial) return;
  const hash = runningRelease(layout, providers.login);
  const provider = loadBundle(layout, providers.login, hash).release;
  const order: LoginTrial = {
    service,
    ...trial,
    ports: Object.fromEntries([...routes, ...provider.routes].map(({ host, port }) => [host, port])),
    person: { name: probeNames.person, password: secretOf(layout, provider, 'probe-person') },
    admin: { name: probeNames.admin, password: secretOf(layout, provider, 'probe-admin') },
  };
  const result = await asProver(agent, 'prove-login', JSON.stringify(order), 120_000);
  if (result.code !== 0)
    throw new Error(`The login of ${service} was tried and failed: ${result.stderr.trim()}`);
}

/** How a login to a service went, when it was tried. */
export interface TriedLogin {
  service: string;
  /** Why nobody gets in as they should; left out where all is well. */
  why?: string;
}

/**
 * Tries the login of every service that takes one and serves: a change of the login may break another's. What is
 * switched off or being changed is left out, and all of it where the login itself is.
 */
export async function proveLogins(layout: Layout, agent: string[]): Promise<TriedLogin[]> {
  const serves = (service: string): boolean =>
    currentHash(layout, service) !== null &&
    !isBeingChanged(layout, service) &&
    !existsSync(layout.switchedOff(service));
  if (!existsSync(layout.services) || !serves(providers.login)) return [];
  const tried: TriedLogin[] = [];
  for (const service of readdirSync(layout.services).sort().filter(serves)) {
    const { release } = loadBundle(layout, service, runningRelease(layout, service));
    if (!release.login?.trial) continue;
    try {
      await proveLoginOf(layout, release, agent);
      tried.push({ service });
    } catch (error) {
      tried.push({ service, why: error instanceof Error ? error.message : String(error) });
    }
  }
  return tried;
}

/** Asks proofs side by side; throws with the first that fails, in their own order. */
export async function askProofs(proofs: Proof[], trust: string): Promise<void> {
  const asked = await Promise.allSettled(proofs.map((proof) => askProof(proof, trust)));
  const at = asked.findIndex((each) => each.status === 'rejected');
  if (at < 0) return;
  const proof = proofs[at]!;
  const wanted =
    'tls' in proof
      ? `port ${proof.port} should answer TLS as "${proof.tls}"`
      : `http://127.0.0.1:${proof.port}${proof.path} should answer ${proof.status}`;
  const { reason } = asked[at] as PromiseRejectedResult;
  throw new Error(`${wanted}: ${reason instanceof Error ? reason.message : String(reason)}`);
}

/** One proof. Tries for ten seconds: a program may be healthy a moment before it listens. */
async function askProof(proof: Proof, trust: string): Promise<void> {
  const end = Date.now() + 10_000;
  for (;;) {
    try {
      if ('tls' in proof) {
        await greetTls(proof, trust);
        return;
      }
      const status = await statusOf(proof);
      if (status === proof.status) return;
      throw new Error(`it answers ${status}`);
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** Completes a handshake, or throws with what is wrong with it or with the certificate. */
function greetTls(proof: TlsProof, trust: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: proof.port, servername: proof.tls, timeout: 5000 };
    const socket = connect({ ...options, ca: readFileSync(trust) }, () => {
      socket.end();
      resolve();
    });
    socket.on('timeout', () => socket.destroy(new Error('no answer within 5 s')));
    socket.on('error', reject);
  });
}

function statusOf(proof: HttpProof): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = proof.host ? { host: proof.host } : {};
    const asked = request(
      { host: '127.0.0.1', port: proof.port, path: proof.path, headers, timeout: 5000 },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      },
    );
    asked.on('timeout', () => asked.destroy(new Error('no answer within 5 s')));
    asked.on('error', reject);
    asked.end();
  });
}
