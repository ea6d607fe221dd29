import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Release, ReleaseHostCertificate } from '../../core/release/release.ts';
import { knownServices } from '../effects/services-in-maintenance.ts';
import { currentHash, loadBundle, writeDurably } from '../store/bundle-store.ts';
import { damageOf } from '../store/damage.ts';
import type { Layout } from '../store/layout.ts';
import { releaseForHooks } from '../store/running.ts';
import { runStep } from '../users/run-hook.ts';

/**
 * Programs that serve the certificate of their service's own name themselves, such as a mail server, each get a copy that
 * only their uid can read. It is in a folder of its own, because a single file that a container mounts would stay the one
 * from before when it is replaced.
 */

/** Gives the programs of a release the certificate. Throws if there is none yet. */
export function ensureHostCertificate(layout: Layout, { service, hostCertificate }: Release): void {
  if (!hostCertificate) return;
  const text = readServed(layout, hostCertificate);
  if (text === undefined)
    throw new Error(
      `${service} needs the certificate of ${hostCertificate.host}, which is not on this server. Run: haven up`,
    );
  copyTo(layout, service, hostCertificate, text);
}

/**
 * Gives every service that runs the certificates as they are now, and has its programs load what they have not loaded yet.
 * Throws with all that failed, after the others were done; it is tried again each minute.
 */
export async function applyHostCertificates(layout: Layout): Promise<void> {
  const failed: string[] = [];
  for (const service of knownServices(layout)) {
    if (damageOf(layout, service) !== undefined || currentHash(layout, service) === null) continue;
    const running = releaseForHooks(layout, service);
    if (!('hash' in running)) continue;
    const { hostCertificate } = loadBundle(layout, service, running.hash).release;
    const text = hostCertificate && readServed(layout, hostCertificate);
    if (!hostCertificate || text === undefined) continue;
    copyTo(layout, service, hostCertificate, text);
    const why = await reload(layout, { service, hash: running.hash }, hostCertificate, text);
    if (why !== undefined) failed.push(`${service} has not loaded the new certificate: ${why}`);
  }
  if (failed.length > 0) throw new Error(failed.join('\n'));
}

/** Answers with the reason if it failed. */
async function reload(
  layout: Layout,
  running: { service: string; hash: string },
  { reload: steps = [] }: ReleaseHostCertificate,
  text: string,
): Promise<string | undefined> {
  const digest = createHash('sha256').update(text).digest('hex');
  const loaded = layout.loadedCertificate(running.service);
  if (existsSync(loaded) && readFileSync(loaded, 'utf8') === digest) return undefined;
  for (const step of steps) {
    const done = await runStep(layout, running, step, {});
    if ('failed' in done) return done.failed;
  }
  writeDurably(loaded, digest, 0o600);
  return undefined;
}

/** Key and chain as the reverse proxy serves them; undefined when there are none. */
function readServed(layout: Layout, { host }: ReleaseHostCertificate): string | undefined {
  const file = join(layout.certificates, host, 'tls.pem');
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function copyTo(layout: Layout, service: string, { readers }: ReleaseHostCertificate, text: string): void {
  for (const [program, uid] of Object.entries(readers)) {
    const folder = layout.hostCertificate(service, program);
    const file = join(folder, 'tls.pem');
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    mkdirSync(folder, { recursive: true });
    chmodSync(dirname(folder), 0o700);
    chmodSync(folder, 0o500);
    chownSync(folder, uid, uid);
    writeDurably(file, text, 0o400, uid);
  }
}
