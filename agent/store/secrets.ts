import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { dkimKeys } from '../../core/mail/dkim-key.ts';
import { ownPassword } from '../../core/mail/own-account.ts';
import type { Release, ReleaseSecret } from '../../core/release/release.ts';
import { certify } from './authority.ts';
import { writeDurably, writeOnce } from './bundle-store.ts';
import type { Layout } from './layout.ts';

/**
 * Makes the secrets that a release names and that don't exist yet. A value is made once, here, and never leaves the
 * server. Secrets that the owner sets must have been sent before.
 */
export async function ensureSecrets(layout: Layout, release: Release): Promise<void> {
  for (const [name, secret] of Object.entries(release.secrets)) {
    const { generation, readers, certificateFor, given, shared } = secret;
    const master = inClosedFolder(valueFile(layout, release.service, name, secret));
    const copies = inClosedFolder(layout.secret(release.service, name, generation));
    if (!existsSync(master)) {
      if (given)
        throw new Error(
          // Its own keys haven sends with each `up`.
          `The secret "${given}" is not on this server. Run: haven ${given === dkimKeys ? 'up' : `secret set ${given}`}`,
        );
      const value = certificateFor
        ? await certify(layout, certificateFor)
        : randomBytes(32).toString('base64url');
      // Services are deployed at the same time, and a shared value has to be the same for all.
      if (shared) writeOnce(master, value, 0o400);
      else writeDurably(master, value, 0o400);
    }
    const value = readFileSync(master, 'utf8');
    for (const [reader, uid] of Object.entries(readers)) {
      const copy = `${copies}.${reader}`;
      if (!existsSync(copy) || readFileSync(copy, 'utf8') !== value) writeDurably(copy, value, 0o400);
      chownSync(copy, uid, uid);
    }
  }
}

/** Stores a secret that the owner sets, for the release that will name it. */
export function putSecret(
  layout: Layout,
  secret: { service: string; name: string; generation: number },
  value: string,
): void {
  writeDurably(inClosedFolder(layout.secret(secret.service, secret.name, secret.generation)), value, 0o400);
}

/** The file of a secret's value. */
const valueFile = (
  layout: Layout,
  service: string,
  name: string,
  { generation, shared }: Pick<ReleaseSecret, 'generation' | 'shared'>,
): string => (shared ? layout.sharedSecret(name, generation) : layout.secret(service, name, generation));

/** The same file, in a folder that only root can open. */
function inClosedFolder(file: string): string {
  mkdirSync(dirname(file), { recursive: true });
  chmodSync(dirname(file), 0o700);
  return file;
}

/** Replaces the values of a service's secrets in a text, so that it can be shown. */
export function scrub(layout: Layout, release: Release, text: string): string {
  let clean = text;
  for (const [name, secret] of Object.entries(release.secrets)) {
    const path = valueFile(layout, release.service, name, secret);
    if (!existsSync(path)) continue;
    clean = clean.replaceAll(readFileSync(path, 'utf8'), `[secret ${release.service}/${name}]`);
  }
  return clean;
}

/** A secret's value, for the agent itself. Throws when it has not been made. */
export function secretOf(layout: Layout, release: Release, name: string): string {
  const secret = release.secrets[name] ?? { generation: 1 };
  return readFileSync(valueFile(layout, release.service, name, secret), 'utf8');
}

/** The password of the account at the cloud's own mail server. Throws when no service that sends was deployed. */
export function ownPasswordOf(layout: Layout): string {
  const file = layout.sharedSecret(ownPassword, 1);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  throw new Error(
    "the account at the cloud's own mail server has no password until a service that sends is deployed. Run: haven up",
  );
}
