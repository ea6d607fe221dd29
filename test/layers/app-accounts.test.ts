import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AlreadyExistsError, Attribute, Change, type Client, InsufficientAccessError } from 'ldapts';
import { settleAppAccounts } from '../../agent/effects/app-accounts.ts';
import { addEntry, appAccountDn, lock, userDn } from '../../agent/effects/ldap-users.ts';
import { ldap } from '../../core/users/ldap.ts';
import { AppPasswords } from '../../images/portal/src/app-passwords.ts';
import { Slapd } from '../support/slapd.ts';

/**
 * App passwords against the real slapd, with its permissions: the agent's own functions change the users, and the
 * portal's own class writes the passwords. Judged by the login of a program: does LDAP let it in?
 */
let slapd: Slapd;
let portal: AppPasswords;
before(async () => {
  slapd = await Slapd.start('app-accounts');
  portal = new AppPasswords({ url: slapd.url, ...slapd.portal, base: ldap.appPasswords });
});
after(() => slapd?.stop());

const isLetIn = (name: string, secret: string) => slapd.accepts(appAccountDn(name), secret);

/** A user as LDAP has them before the agent has looked. */
const addUser = (name: string) =>
  slapd.asAgent((client) =>
    addEntry(client, { name, givenName: name, surname: 'X', groups: [] }, `${name}@example.org`),
  );
const settle = () => slapd.asAgent(settleAppAccounts);
const setEnabled = (name: string, enabled: boolean) =>
  slapd.asAgent(async (client) => {
    await lock(client, name, !enabled);
    await settleAppAccounts(client);
  });
async function passwordOf(name: string): Promise<string> {
  return (await portal.add(name, 'Phone')) ?? assert.fail('the portal made no app password');
}

test('a user has an account for programs from the start, also one who existed before', async () => {
  await addUser('ada');
  await settle();
  const secret = await passwordOf('ada');
  assert.ok(await isLetIn('ada', secret));
  const [made] = await portal.list('ada');
  assert.equal(made?.label, 'Phone');
  await portal.remove('ada', made.id);
  assert.ok(!(await isLetIn('ada', secret)));
});

test('a user who is disabled before their first app password can make none', async () => {
  await addUser('bob');
  await settle();
  await setEnabled('bob', false);
  await assert.rejects(portal.add('bob', 'Phone'), InsufficientAccessError);
  assert.deepEqual(await portal.list('bob'), []);
  await setEnabled('bob', true);
  assert.deepEqual(await portal.list('bob'), []);
});

test('the portal can make no account, so none is made behind the agent for a user who is disabled', async () => {
  await addUser('cleo');
  await slapd.asAgent((client) => lock(client, 'cleo', true));
  await assert.rejects(portal.add('cleo', 'Phone'));
  await assert.rejects(asPortal(addAccount('cleo')), InsufficientAccessError);
  await settle();
  await assert.rejects(portal.add('cleo', 'Phone'));
});

test('what a disabled user still asks of the portal does not unlock their programs', async () => {
  await addUser('dora');
  await settle();
  const secret = await passwordOf('dora');
  await setEnabled('dora', false);
  assert.ok(!(await isLetIn('dora', secret)));
  await assert.rejects(portal.add('dora', 'Tablet'), InsufficientAccessError);
  await portal.remove('dora', 'x');
  assert.ok(!(await isLetIn('dora', secret)));
  await setEnabled('dora', true);
  assert.ok(await isLetIn('dora', secret));
});

test('a password that the login sets does not enable a disabled user', async () => {
  await addUser('dave');
  const setPassword = (secret: string) =>
    slapd.as(slapd.login, (client) => client.modify(userDn('dave'), replaceValue('userPassword', [secret])));
  await setPassword('the first one');
  assert.ok(await slapd.accepts(userDn('dave'), 'the first one'));
  await setEnabled('dave', false);
  await assert.rejects(setPassword('another one'), InsufficientAccessError);
  for (const secret of ['the first one', 'another one'])
    assert.ok(!(await slapd.accepts(userDn('dave'), secret)));
});

test('a lock that differs from the lock of the user is put right, in either direction', async () => {
  await addUser('emil');
  await settle();
  const secret = await passwordOf('emil');
  const lockUser = (values: string[]) =>
    slapd.asAgent((client) => client.modify(userDn('emil'), replaceLock(values)));
  await lockUser(['000001010000Z']);
  assert.ok(await isLetIn('emil', secret), 'an administrator locked only the user');
  await settle();
  assert.ok(!(await isLetIn('emil', secret)));
  await lockUser([]);
  await settle();
  assert.ok(await isLetIn('emil', secret));
});

test('the portal can neither delete nor rename an account, nor say whose it is', async () => {
  await addUser('finn');
  await settle();
  const dn = appAccountDn('finn');
  await assert.rejects(
    asPortal((client) => client.del(dn)),
    InsufficientAccessError,
  );
  await assert.rejects(
    asPortal((client) => client.modifyDN(dn, 'uid=gina')),
    InsufficientAccessError,
  );
  for (const type of ['description', 'pwdAccountLockedTime'])
    await assert.rejects(asPortal((client) => client.modify(dn, replaceValue(type, ['000001010000Z']))));
  assert.equal(await countAccounts('finn'), 1);
});

test('a renamed user keeps their app passwords, also where the rename was cut off before', async () => {
  await addUser('hans');
  await settle();
  const secret = await passwordOf('hans');
  await slapd.asAgent((client) => client.modifyDN(userDn('hans'), 'uid=hanna'));
  await settle();
  assert.ok(await isLetIn('hanna', secret));
  assert.equal(await countAccounts('hans'), 0);
});

test('a removed user leaves nothing for the next one of that name', async () => {
  await addUser('ivan');
  await settle();
  const secret = await passwordOf('ivan');
  await slapd.asAgent((client) => client.del(userDn('ivan')));
  await addUser('ivan');
  await settle();
  assert.ok(!(await isLetIn('ivan', secret)));
  assert.deepEqual(await portal.list('ivan'), []);
  await slapd.asAgent((client) => client.del(userDn('ivan')));
  await settle();
  assert.equal(await countAccounts('ivan'), 0);
});

test('an account that the portal made before is taken over with its passwords, or deleted without its user', async () => {
  await addUser('jane');
  await slapd.asAgent(addAccount('jane'));
  await slapd.asAgent(addAccount('gone'));
  const secret = await passwordOf('jane');
  await settle();
  assert.ok(await isLetIn('jane', secret));
  assert.equal(await countAccounts('gone'), 0);
  await assert.rejects(slapd.asAgent(addAccount('jane')), AlreadyExistsError);
});

const asPortal = <T>(work: (client: Client) => Promise<T>) => slapd.as(slapd.portal, work);

/** As the portal made one before the agent did. */
const addAccount = (name: string) => (client: Client) =>
  client.add(appAccountDn(name), { objectClass: ['havenAppAccount'], uid: name });

const replaceValue = (type: string, values: string[]) =>
  new Change({ operation: 'replace', modification: new Attribute({ type, values }) });
const replaceLock = (values: string[]) => replaceValue('pwdAccountLockedTime', values);

const countAccounts = (name: string): Promise<number> =>
  slapd.asAgent(async (client) => {
    const found = await client.search(ldap.appPasswords, { filter: `(uid=${name})` });
    return found.searchEntries.length;
  });
