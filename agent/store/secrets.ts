import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { dkimKeys } from '../../core/mail/dkim-key.ts';
import type { Release } from '../../core/release/release.ts';
import { certify } from './authority.ts';
import { writeDurably } from './bundle-store.ts';
import type { Layout } from './layout.ts';

/**
 * Makes the secrets that a release names and that don't exist yet. A value is made once, here, and never leaves the
 * server. Secrets that the owner sets must have been sent before.
 */
export async function ensureSecrets(layout: Layout, release: Release): Promise<void> {
  for (const [name, { generation, readers, certificateFor, given }] of Object.entries(release.secrets)) {
    const master = masterFile(layout, { service: release.service, name, generation });
    if (!existsSync(master)) {
      if (given)
        throw new Error(
          // Its own keys haven sends with each `up`.
          `The secret "${given}" is not on this server. Run: haven ${given === dkimKeys ? 'up' : `secret set ${given}`}`,
        );
      const value = certificateFor
        ? await certify(layout, certificateFor)
        : randomBytes(32).toString('base64url');
      writeDurably(master, value, 0o400);
    }
    const value = readFileSync(master, 'utf8');
    for (const [reader, uid] of Object.entries(readers)) {
      const copy = `${master}.${reader}`;
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
  writeDurably(masterFile(layout, secret), value, 0o400);
}

/** The file of a secret's value, in a folder that only root can open. */
function masterFile(
  layout: Layout,
  { service, name, generation }: { service: string; name: string; generation: number },
): string {
  const file = layout.secret(service, name, generation);
  mkdirSync(dirname(file), { recursive: true });
  chmodSync(dirname(file), 0o700);
  return file;
}

/** Replaces the values of a service's secrets in a text, so that it can be shown. */
export function scrub(layout: Layout, release: Release, text: string): string {
  let clean = text;
  for (const [name, { generation }] of Object.entries(release.secrets)) {
    const path = layout.secret(release.service, name, generation);
    if (!existsSync(path)) continue;
    clean = clean.replaceAll(readFileSync(path, 'utf8'), `[secret ${release.service}/${name}]`);
  }
  return clean;
}

/** A secret's value, for the agent itself. Throws when it has not been made. */
export function secretOf(layout: Layout, release: Release, name: string): string {
  const { generation } = release.secrets[name] ?? { generation: 1 };
  return readFileSync(layout.secret(release.service, name, generation), 'utf8');
}
