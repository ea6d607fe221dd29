import assert from 'node:assert/strict';
import { modifyLdap } from '../../support/ldap.ts';
import { askLogin } from '../../support/login-admin.ts';
import type { Journey } from '../journey.ts';

interface Client {
  id: string;
  redirectUris: string[];
}

/** What services have at others: a client at the login, an account in LDAP. Judged by a login, and by LDAP itself. */
export default (async (cloud, { step, after }) => {
  const { owner, machine, domain } = cloud;
  const clientOf = async (service: string): Promise<Client | undefined> =>
    ((await askLogin(machine, 'GET', `clients?clientId=${service}`)) as Client[])[0];
  const canLogIn = async (service: string): Promise<string> => {
    const { of } = await cloud.status(['--logins']);
    return of(service)
      .map(({ good, evidence }) => `${good} ${good ? '' : evidence}`.trim())
      .join();
  };

  await step('a new address that does not work leaves logins at the old one as they were', async () => {
    // The agent is killed after its checks, before it commits: what it did until then is undone. Once for Miniflux, and
    // once for the portal, which shows its address and changes at the same time.
    const points = 'do:check:effect,do:check:done';
    await cloud.onServer(`rm -rf /run/haven/crashed; systemctl set-environment HAVEN_CRASH_AT=${points}`);
    after(() => cloud.onServer('systemctl unset-environment HAVEN_CRASH_AT; rm -rf /run/haven/crashed'));
    const before = await clientOf('miniflux');
    owner.edit('miniflux: {}', 'miniflux: { subdomain: feeds }');
    assert.equal((await owner.haven(['up', '--yes'])).code, 1);
    assert.deepEqual((await clientOf('miniflux'))?.redirectUris, before?.redirectUris);
    await cloud.onServer('systemctl unset-environment HAVEN_CRASH_AT');
    owner.edit('miniflux: { subdomain: feeds }', 'miniflux: {}');
    assert.equal(await canLogIn('miniflux'), 'true,true');
    await owner.must(['up', '--yes']);
    assert.equal((await owner.plan()).code, 0);
  });

  await step('what someone else changes at the login or in LDAP is planned, and put right', async () => {
    const client = await clientOf('miniflux');
    await askLogin(machine, 'PUT', `clients/${client!.id}`, {
      ...client,
      redirectUris: [`https://elsewhere.${domain}/*`],
    });
    await modifyLdap(
      machine,
      'dn: cn=calendar,ou=readers,ou=services,dc=haven\nchangetype: modify\nreplace: userPassword\nuserPassword: another\n',
    );
    const { code, lines } = await owner.plan();
    assert.equal(code, 2);
    assert.deepEqual(lines.map(({ name, detail }) => `${name}: ${detail}`).sort(), [
      'calendar: changed from elsewhere, put right: its account in LDAP',
      'miniflux: changed from elsewhere, put right: its client at the login',
    ]);
    assert.ok(lines.every((each) => !each.stops));
    await owner.must(['up', '--yes']);
    assert.deepEqual((await clientOf('miniflux'))?.redirectUris, client?.redirectUris);
    assert.equal(await canLogIn('miniflux'), 'true,true');
    assert.equal((await owner.plan()).code, 0);
  });

  await step('a client that someone deletes is made again', async () => {
    await askLogin(machine, 'DELETE', `clients/${(await clientOf('miniflux'))!.id}`);
    assert.equal((await owner.plan()).code, 2);
    await owner.must(['up', '--yes']);
    assert.equal(await canLogIn('miniflux'), 'true,true');
  });
}) satisfies Journey;
