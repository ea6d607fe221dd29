import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import type {
  BannerHealthCheck,
  HealthCheck,
  HttpHealthCheck,
  Release,
  TlsHealthCheck,
} from '../../core/release/release.ts';
import { dependencies } from '../../core/users/login.ts';
import { plainText } from '../../system/plain-text.ts';
import { asChecker } from '../effects/as-checker.ts';
import { withCheckAccounts } from '../effects/check-accounts.ts';
import { accessOf, openKeycloak } from '../effects/keycloak.ts';
import { despiteGuesses, forgetWrongPasswords } from '../effects/wrong-passwords.ts';
import { currentHash, loadBundle } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { isBeingChanged, isSwitchedOff, runningRelease } from '../store/running.ts';
import type { LoginCheck } from './login-check.ts';

/** Runs every health check of a release, as the only user that the trial lets through. Throws with the answers. */
export async function checkHealth(release: Release, agent: string[]): Promise<void> {
  if (release.healthChecks.length === 0) return;
  const result = await asChecker(agent, 'check-health', JSON.stringify(release.healthChecks), 30_000);
  if (result.code !== 0) throw new Error(result.stderr.trim() || result.stdout.trim());
}

/** Logs in to a service as a user, an administrator and a stranger, as the only user that the trial lets through. */
export async function checkLoginOf(layout: Layout, release: Release, agent: string[]): Promise<void> {
  const { routes, service } = release;
  const check = release.login?.check;
  if (!check) return;
  const hash = runningRelease(layout, dependencies.login);
  const provider = loadBundle(layout, dependencies.login, hash).release;
  const result = await withCheckAccounts(layout, (accounts) => {
    const order: LoginCheck = {
      service,
      ...check,
      ...accounts,
      login: `https://${provider.routes[0]!.host}`,
      ports: Object.fromEntries(
        [...routes, ...provider.routes].flatMap(({ host, port }) =>
          port === undefined ? [] : [[host, port]],
        ),
      ),
    };
    return despiteGuesses(
      async () => forgetWrongPasswords(await openKeycloak(accessOf(layout, provider))),
      () => asChecker(agent, 'check-login', JSON.stringify(order), 120_000),
    );
  });
  if (result.code !== 0)
    throw new Error(
      `The login check of ${service} failed: ${plainText(result.stderr, 1000)}. Run: haven logs ${service}`,
    );
}

/** Result of a service's login check. */
export interface CheckedLogin {
  service: string;
  /** What went wrong. Left out when the check passed. */
  why?: string;
}

/**
 * Checks the login of every running service that has one, or only of those that are named. Skips services that are
 * stopped or being changed, and all of them when the login service is.
 */
export async function checkLogins(
  layout: Layout,
  agent: string[],
  named: string[] = [],
): Promise<CheckedLogin[]> {
  const isWanted = (service: string): boolean => named.length === 0 || named.includes(service);
  const serves = (service: string): boolean =>
    currentHash(layout, service) !== null &&
    !isBeingChanged(layout, service) &&
    !isSwitchedOff(layout, service);
  if (!existsSync(layout.services) || !serves(dependencies.login)) return [];
  const tried: CheckedLogin[] = [];
  for (const service of readdirSync(layout.services).sort().filter(isWanted).filter(serves)) {
    const { release } = loadBundle(layout, service, runningRelease(layout, service));
    if (!release.login?.check) continue;
    try {
      await checkLoginOf(layout, release, agent);
      tried.push({ service });
    } catch (error) {
      tried.push({ service, why: error instanceof Error ? error.message : String(error) });
    }
  }
  return tried;
}

/** Runs health checks in parallel. Throws the first failure, in the order of the list. */
export async function askHealthChecks(healthChecks: HealthCheck[], trust: string): Promise<void> {
  const asked = await Promise.allSettled(
    healthChecks.map((healthCheck) => askHealthCheck(healthCheck, trust)),
  );
  const at = asked.findIndex((each) => each.status === 'rejected');
  if (at < 0) return;
  const healthCheck = healthChecks[at]!;
  const { reason } = asked[at] as PromiseRejectedResult;
  throw new Error(`${wantedOf(healthCheck)}: ${reason instanceof Error ? reason.message : String(reason)}`);
}

function wantedOf(healthCheck: HealthCheck): string {
  if ('tls' in healthCheck) return `port ${healthCheck.port} should answer TLS as "${healthCheck.tls}"`;
  if ('banner' in healthCheck) return `port ${healthCheck.port} should begin with "${healthCheck.banner}"`;
  return `http://127.0.0.1:${healthCheck.port}${healthCheck.path} should answer ${healthCheck.status}`;
}

/** Runs one health check. Tries for ten seconds, because a program may report healthy a moment before it listens. */
async function askHealthCheck(healthCheck: HealthCheck, trust: string): Promise<void> {
  const end = Date.now() + 10_000;
  for (;;) {
    try {
      if ('tls' in healthCheck) {
        await greetTls(healthCheck, trust);
        return;
      }
      if ('banner' in healthCheck) {
        await readBanner(healthCheck);
        return;
      }
      const status = await statusOf(healthCheck);
      if (status === healthCheck.status) return;
      throw new Error(`it answers ${status}`);
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** Completes a TLS handshake. Throws with what is wrong with it or with the certificate. */
function greetTls(healthCheck: TlsHealthCheck, trust: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: healthCheck.port, servername: healthCheck.tls, timeout: 5000 };
    const socket = connect({ ...options, ca: readFileSync(trust) }, () => {
      socket.end();
      resolve();
    });
    socket.on('timeout', () => socket.destroy(new Error('no answer within 5 s')));
    socket.on('error', reject);
  });
}

/** Waits for the first line. Throws if it begins otherwise. */
function readBanner({ port, banner }: BannerHealthCheck): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const socket = connectTcp({ host: '127.0.0.1', port, timeout: 5000 });
    socket.setEncoding('utf8');
    socket.on('data', (text) => {
      said += text;
      if (!said.includes('\n') && said.length < mostBannerLength) return;
      socket.end();
      if (said.startsWith(banner)) resolve();
      else reject(new Error(`it says "${plainText(said, 200)}"`));
    });
    socket.on('end', () => reject(new Error('the connection was closed without an answer')));
    socket.on('timeout', () => socket.destroy(new Error('no answer within 5 s')));
    socket.on('error', reject);
  });
}

/** A line of SMTP has at most 512 bytes (RFC 5321 §4.5.3.1.5); what is longer is another protocol. */
const mostBannerLength = 512;

function statusOf(healthCheck: HttpHealthCheck): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = healthCheck.host ? { host: healthCheck.host } : {};
    const asked = request(
      { host: '127.0.0.1', port: healthCheck.port, path: healthCheck.path, headers, timeout: 5000 },
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
