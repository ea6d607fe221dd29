import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Release } from '../../core/release/release.ts';
import { signingAlgorithm as algorithm, realm } from '../../core/users/login.ts';
import { writeDurably } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { isBeingChanged } from '../store/running.ts';
import { awaitsLogin } from './awaits-login.ts';
import { currentReleases } from './current-releases.ts';
import { runningKeycloak } from './keycloak.ts';

/**
 * Programs that check tokens of the login themselves, such as Dovecot, do not ask it: they find its public keys in files.
 * Each is at `<scope>/<client>/<algorithm>/<key id>`, where Dovecot looks for it by what a token says (`azp`, `alg` and `kid`,
 * RFC 7515 §4.1). So these folders are also the list of clients whose tokens a scope opens.
 */

/** A public key of the login by its id, as PEM. */
export type LoginKeys = Record<string, string>;

/** The keys in a JSON Web Key Set that sign tokens (RFC 7517 §5). Throws if there are none. */
export function parseLoginKeys(text: string): LoginKeys {
  const { keys = [] } = JSON.parse(text) as {
    keys?: (JsonWebKey & { kid?: string; alg?: string; use?: string })[];
  };
  const signing = keys.filter(({ alg, use }) => alg === algorithm && use === 'sig');
  if (signing.length === 0)
    throw new Error(`The login shows no key for ${algorithm}, with which it signs tokens. Run: haven up`);
  return Object.fromEntries(
    signing.map((key) => {
      // It becomes the name of a file.
      if (!isKeyId(key.kid ?? ''))
        throw new Error(`The login has a key whose id is not a plain name: ${JSON.stringify(key.kid)}.`);
      const pem = createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
      return [key.kid!, pem.toString()];
    }),
  );
}

const isKeyId = (id: string): boolean => /^[\w-]{1,128}$/.test(id);

/** Has the programs behind a release's scopes know the login's keys. They have to wait for a login that is still to come. */
export async function ensureLoginKeys(layout: Layout, release: Release): Promise<void> {
  const { service, login } = release;
  if (!login?.scopes?.length || (await awaitsLogin(layout, release))) return;
  const keys = await askForKeys(layout);
  for (const scope of login.scopes) writeLoginKeys(clientFolder(layout, scope, service), keys);
}

/** The services with scopes behind which other keys are known than the login has now. */
export async function lookAtLoginKeys(layout: Layout, releases: Release[]): Promise<string[]> {
  const asked = releases.filter(({ login }) => login?.scopes?.length);
  if (asked.length === 0) return [];
  const keys = await askForKeys(layout);
  return asked
    .filter(({ service, login }) =>
      login!.scopes!.some((scope) => !hasLoginKeys(clientFolder(layout, scope, service), keys)),
    )
    .map(({ service }) => service);
}

/** Follows the login's keys, and forgets clients that are gone. The login must be running. */
export async function applyLoginKeys(layout: Layout): Promise<void> {
  const wanted = new Map<string, string>();
  for (const { service, login } of currentReleases(layout))
    for (const scope of login?.scopes ?? []) wanted.set(clientFolder(layout, scope, service), service);
  removeClients(layout, (folder, service) => wanted.has(folder) || isBeingChanged(layout, service));
  if (wanted.size === 0) return;
  const keys = await askForKeys(layout);
  for (const folder of wanted.keys()) writeLoginKeys(folder, keys);
}

const clientFolder = (layout: Layout, scope: string, client: string): string =>
  join(layout.loginKeys, scope, client);

async function askForKeys(layout: Layout): Promise<LoginKeys> {
  const { port } = runningKeycloak(layout);
  const url = `http://127.0.0.1:${port}/realms/${realm}/protocol/openid-connect/certs`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(`The login does not show its keys: it answers ${answer.status}.`);
  return parseLoginKeys(await answer.text());
}

/** Makes the keys in a client's folder these. A new file counts at once; the programs keep in memory what they have read. */
export function writeLoginKeys(folder: string, keys: LoginKeys): void {
  const place = join(folder, algorithm);
  mkdirSync(place, { recursive: true, mode: 0o755 });
  for (const [id, pem] of Object.entries(keys))
    if (!holds(join(place, id), pem)) writeDurably(join(place, id), pem, 0o644);
  for (const id of keyIdsIn(place)) if (!(id in keys)) rmSync(join(place, id), { force: true });
}

/** Whether the keys in a client's folder are these and no others. */
export function hasLoginKeys(folder: string, keys: LoginKeys): boolean {
  const place = join(folder, algorithm);
  return (
    Object.entries(keys).every(([id, pem]) => holds(join(place, id), pem)) &&
    keyIdsIn(place).every((id) => id in keys)
  );
}

const holds = (file: string, pem: string): boolean => existsSync(file) && readFileSync(file, 'utf8') === pem;

/** Not what another process is writing, whose name has a dot. */
const keyIdsIn = (place: string): string[] => (existsSync(place) ? readdirSync(place).filter(isKeyId) : []);

function removeClients(layout: Layout, isKept: (folder: string, client: string) => boolean): void {
  const namesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
  for (const scope of namesIn(layout.loginKeys))
    for (const client of namesIn(join(layout.loginKeys, scope))) {
      const folder = clientFolder(layout, scope, client);
      if (!isKept(folder, client)) rmSync(folder, { recursive: true });
    }
}
