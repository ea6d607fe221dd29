import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Attribute, Change, NoSuchObjectError } from 'ldapts';
import type { Release } from '../../core/release/release.ts';
import { bindDn } from '../../core/users/ldap.ts';
import { dependencies } from '../../core/users/login.ts';
import { RunError } from '../../system/run.ts';
import type { Layout } from '../store/layout.ts';
import { secretOf } from '../store/secrets.ts';
import { keepAccounts } from './account-removals.ts';
import { asChecker } from './as-checker.ts';
import { ensureCheckAccounts } from './check-accounts.ts';
import { accessOf, applyClient, openKeycloak, runningKeycloak } from './keycloak.ts';
import { inLdap } from './ldap.ts';
import { realmFileOf } from './sending.ts';

/**
 * A service's accounts at other services: in LDAP, and as a client of the login. They are created before the service
 * starts and updated with each release.
 */
export async function ensureAccounts(layout: Layout, release: Release): Promise<void> {
  const { service, ldap: role, login } = release;
  await keepAccounts(layout, release);
  if (service === dependencies.login) await ensureCheckAccounts(layout);
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

/**
 * Updates the realm of users to match the release of the login that has just started. The login is in trial at that
 * point, so this runs as the only user that the trial lets through.
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
