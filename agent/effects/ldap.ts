import { readFileSync } from 'node:fs';
import { Client, NoSuchObjectError } from 'ldapts';
import { ldap } from '../../core/users/ldap.ts';
import { dependencies } from '../../core/users/login.ts';
import { loadBundle } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { runningRelease } from '../store/running.ts';
import { secretOf } from '../store/secrets.ts';

/** Opens LDAP as the agent: over TLS, with its own account. */
export async function inLdap<T>(layout: Layout, work: (client: Client) => Promise<T>): Promise<T> {
  const hash = runningRelease(layout, dependencies.ldap);
  const { release } = loadBundle(layout, dependencies.ldap, hash);
  const port = release.network.kind === 'bridge' ? release.network.loopbackPorts.ldaps : undefined;
  const client = new Client({
    url: `ldaps://127.0.0.1:${port}`,
    connectTimeout: 5000,
    timeout: 15_000,
    tlsOptions: { ca: [readFileSync(layout.trust)], servername: ldap.host, minVersion: 'TLSv1.2' },
  });
  try {
    await client.bind(ldap.agent, secretOf(layout, release, 'bind-agent'));
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
