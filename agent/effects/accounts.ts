import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Attribute, Change, type Client, InvalidCredentialsError, NoSuchObjectError } from 'ldapts';
import { canonical, type Release } from '../../core/release/release.ts';
import { bindDn } from '../../core/users/ldap.ts';
import { dependencies } from '../../core/users/login.ts';
import { RunError } from '../../system/run.ts';
import type { Layout } from '../store/layout.ts';
import { secretOf } from '../store/secrets.ts';
import { accountsBeside, keepAccounts } from './account-removals.ts';
import { asChecker } from './as-checker.ts';
import { awaitsLogin } from './awaits-login.ts';
import { ensureCheckAccounts } from './check-accounts.ts';
import { accessOf, applyClient, clientDiffers, openKeycloak, runningKeycloak } from './keycloak.ts';
import { asServiceInLdap, inLdap } from './ldap.ts';
import { ensureLoginKeys, lookAtLoginKeys } from './login-keys.ts';
import { realmFileOf } from './sending.ts';

/**
 * A service's accounts at other services: in LDAP, and as a client of the login. An operation creates those that the
 * old release did not have before it stops anything. What both have and the new release changes is changed once the old
 * program is stopped ({@link changesAccounts}), and changed back before it is started again. So an operation that is
 * undone leaves them as they were.
 */
export async function createAccounts(
  layout: Layout,
  release: Release,
  old: Release | undefined,
): Promise<void> {
  await keepAccounts(layout, release);
  if (release.service === dependencies.login) await ensureCheckAccounts(layout);
  if (!changesAccounts(old, release)) return applyAccounts(layout, release);
  await applyAccounts(layout, { ...release, ...accountsBeside(old, release) });
  // The old program does without those that only the new one has.
  await ensureLoginKeys(layout, release);
  // They have to answer once the service is stopped, too, so they are asked before.
  if (old?.ldap) await inLdap(layout, async () => undefined);
  if (old?.login && !(await awaitsLogin(layout, old))) await openKeycloak(runningKeycloak(layout));
}

/** Whether a release changes the accounts of the one before it, or their passwords. */
export function changesAccounts(old: Release | undefined, release: Release): boolean {
  const accounts = ({ ldap, login, secrets }: Release) =>
    canonical({
      ldap,
      login,
      passwords: [secrets['bind-password'], secrets['oidc-secret']].map((each) => each?.generation),
    });
  return old !== undefined && accounts(old) !== accounts(release);
}

/**
 * Makes a service's accounts those of this release. Its client has to wait for a login that is still to come, and so do the
 * login's keys, with which others check the tokens of that client.
 */
export async function applyAccounts(layout: Layout, release: Release): Promise<void> {
  const { service, ldap: role, login } = release;
  if (role) {
    const password = secretOf(layout, release, 'bind-password');
    await inLdap(layout, (client) => applyLdapAccount(client, service, bindDn(service, role), password));
  }
  if (login && !(await awaitsLogin(layout, release))) {
    // First: the client makes tokens, and then there is nobody who can't check them.
    await ensureLoginKeys(layout, release);
    const admin = await openKeycloak(runningKeycloak(layout));
    await applyClient(admin, service, login, secretOf(layout, release, 'oidc-secret'));
  }
}

async function applyLdapAccount(client: Client, cn: string, dn: string, userPassword: string): Promise<void> {
  try {
    const password = new Attribute({ type: 'userPassword', values: [userPassword] });
    await client.modify(dn, new Change({ operation: 'replace', modification: password }));
  } catch (error) {
    if (!(error instanceof NoSuchObjectError)) throw error;
    const objectClass = ['applicationProcess', 'simpleSecurityObject'];
    await client.add(dn, { objectClass, cn, userPassword });
  }
}

/**
 * Which accounts of these releases are not as they should be, for people to read, by service. It asks LDAP and the login
 * themselves: a password is tried, a client is compared, and so are the keys by which others check the tokens of that client. One
 * of them that can't be asked is not healthy, which is reported elsewhere.
 */
export async function lookAtAccounts(layout: Layout, releases: Release[]): Promise<Map<string, string[]>> {
  const differing = new Map<string, string[]>();
  const say = (service: string, what: string) =>
    differing.set(service, [...(differing.get(service) ?? []), what]);
  const [ldap, login, keys] = await Promise.allSettled([
    lookAtLdap(layout, releases),
    lookAtLogin(layout, releases),
    lookAtLoginKeys(layout, releases),
  ]);
  for (const service of ldap.status === 'fulfilled' ? ldap.value : []) say(service, 'its account in LDAP');
  for (const service of login.status === 'fulfilled' ? login.value : [])
    say(service, 'its client at the login');
  for (const service of keys.status === 'fulfilled' ? keys.value : [])
    say(service, "the login's keys for its tokens");
  return differing;
}

async function lookAtLdap(layout: Layout, releases: Release[]): Promise<string[]> {
  const asked = releases.filter((each) => each.ldap !== undefined);
  return servicesWhere(asked, async (release) => {
    const dn = bindDn(release.service, release.ldap!);
    try {
      await asServiceInLdap(layout, dn, secretOf(layout, release, 'bind-password'));
      return false;
    } catch (error) {
      // RFC 4511 §4.2: the same answer for a wrong password and for an entry that does not exist.
      if (error instanceof InvalidCredentialsError) return true;
      throw error;
    }
  });
}

async function lookAtLogin(layout: Layout, releases: Release[]): Promise<string[]> {
  const asked = releases.filter((each) => each.login !== undefined);
  if (asked.length === 0) return [];
  const admin = await openKeycloak(runningKeycloak(layout));
  return servicesWhere(asked, (release) =>
    clientDiffers(admin, release.service, release.login!, secretOf(layout, release, 'oidc-secret')),
  );
}

async function servicesWhere(
  releases: Release[],
  holds: (release: Release) => Promise<boolean>,
): Promise<string[]> {
  const answers = await Promise.all(releases.map(holds));
  return releases.filter((_, index) => answers[index]).map((each) => each.service);
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
