import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Attribute, Change, NoSuchObjectError } from 'ldapts';
import type { Release } from '../../core/release/release.ts';
import { bindDn } from '../../core/users/ldap.ts';
import { dependencies } from '../../core/users/login.ts';
import { RunError } from '../../system/run.ts';
import { currentHash } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { secretOf } from '../store/secrets.ts';
import { asChecker } from './as-checker.ts';
import { ensureCheckAccounts } from './check-accounts.ts';
import { accessOf, applyClient, openKeycloak, removeClient, runningKeycloak } from './keycloak.ts';
import { inLdap, whereThere } from './ldap.ts';
import { realmFileOf } from './sending.ts';

/**
 * What a service is to others: its account at LDAP, its client at the login. They are made before it starts,
 * and brought in line with each release.
 */
export async function ensureAccounts(layout: Layout, release: Release): Promise<void> {
  const { service, ldap: role, login } = release;
  if (service === dependencies.login)
    await ensureCheckAccounts(layout, {
      user: secretOf(layout, release, 'check-user'),
      admin: secretOf(layout, release, 'check-admin'),
    });
  if (role) {
    const dn = bindDn(service, role);
    const userPassword = secretOf(layout, release, 'bind-password');
    await inLdap(layout, async (client) => {
      try {
        const password = new Attribute({ type: 'userPassword', values: [userPassword] });
        await client.modify(dn, new Change({ operation: 'replace', modification: password }));
      } catch (error) {
        if (!(error instanceof NoSuchObjectError)) throw error;
        const objectClass = ['applicationProcess', 'simpleSecurityObject'];
        await client.add(dn, { objectClass, cn: service, userPassword });
      }
    });
  }
  if (login) {
    const admin = await openKeycloak(runningKeycloak(layout));
    await applyClient(admin, service, login, secretOf(layout, release, 'oidc-secret'));
  }
}

/** Takes them away again when the service goes. Where the provider has gone before, there is nothing to take away. */
export async function removeAccounts(layout: Layout, release: Release): Promise<void> {
  const { service, ldap: role, login } = release;
  if (role && currentHash(layout, dependencies.ldap))
    await inLdap(layout, (client) => whereThere(client.del(bindDn(service, role))));
  if (login && currentHash(layout, dependencies.login))
    await removeClient(await openKeycloak(runningKeycloak(layout)), service);
}

/**
 * Brings the realm of users in line with the release of the login that has just been started. It is in trial then, so
 * this is done by the only user whom the trial lets through.
 */
export async function settleRealm(layout: Layout, release: Release, agent: string[]): Promise<void> {
  const file = join(layout.current(release.service), 'files', 'realm.json');
  if (release.service !== dependencies.login || !existsSync(file)) return;
  const order = {
    access: accessOf(layout, release),
    realm: realmFileOf(layout, release, layout.current(release.service)),
    bind: {
      dn: bindDn(release.service, 'federation'),
      password: secretOf(layout, release, 'bind-password'),
    },
  };
  const result = await asChecker(agent, 'realm-apply', JSON.stringify(order), 120_000);
  if (result.code !== 0) throw new RunError('realm-apply', result);
}
