import { readFileSync } from 'node:fs';
import { Client, NoSuchObjectError } from 'ldapts';
import type { Release } from '../../core/release/release.ts';
import { ldap } from '../../core/users/ldap.ts';
import { dependencies } from '../../core/users/login.ts';
import { loadBundle } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { runningRelease } from '../store/running.ts';
import { secretOf } from '../store/secrets.ts';

/** Opens LDAP as the agent: over TLS, with its own account. */
export async function inLdap<T>(layout: Layout, work: (client: Client) => Promise<T>): Promise<T> {
  const release = runningLdap(layout);
  const who = { dn: ldap.agent, password: secretOf(layout, release, 'bind-agent') };
  return asUserOfLdap(layout, release, who, work);
}

/** Tries whether LDAP lets a service in. Throws `InvalidCredentialsError` if it does not. */
export const asServiceInLdap = (layout: Layout, dn: string, password: string): Promise<void> =>
  asUserOfLdap(layout, runningLdap(layout), { dn, password }, async () => undefined);

const runningLdap = (layout: Layout): Release =>
  loadBundle(layout, dependencies.ldap, runningRelease(layout, dependencies.ldap)).release;

async function asUserOfLdap<T>(
  layout: Layout,
  release: Release,
  { dn, password }: { dn: string; password: string },
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const port = release.network.kind === 'bridge' ? release.network.loopbackPorts.ldaps : undefined;
  const client = new Client({
    url: `ldaps://127.0.0.1:${port}`,
    connectTimeout: 5000,
    timeout: 15_000,
    tlsOptions: { ca: [readFileSync(layout.trust)], servername: ldap.host, minVersion: 'TLSv1.2' },
  });
  try {
    await client.bind(dn, password);
    return await work(client);
  } finally {
    await client.unbind();
  }
}

/** Waits for an LDAP request; an entry that does not exist is not an error. */
export async function whereThere(done: Promise<void>): Promise<void> {
  try {
    await done;
  } catch (error) {
    if (!(error instanceof NoSuchObjectError)) throw error;
  }
}
