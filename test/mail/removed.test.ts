import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { tryOnMachine } from '../../sandbox/machine/machine.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { modifyLdap } from '../support/ldap.ts';
import {
  closeMailLab,
  container,
  email,
  onServer,
  openMailLab,
  passwords,
  server,
  toMx,
} from '../support/mail-lab.ts';
import { type Shown, useMailbox } from '../support/mailbox-program.ts';
import { type InContainer, runUserHook } from '../support/run-user-hook.ts';

/**
 * What becomes of the mailbox of a user who is removed or renamed, with the real Dovecot: the hooks that the agent runs, and
 * the changes of LDAP that it makes before and after them. Judged by a mail program elsewhere.
 */
const dovecot: InContainer = (command, variables) => {
  const given = Object.entries(variables).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  return tryOnMachine(server.id, ['docker', 'exec', ...given, container('dovecot'), ...command]);
};
const { definition } = (await loadCatalogue()).get('mail')!;
const subject = (name: string) => ({ name, subject: name });
const removeHook = (name: string, successor?: string) =>
  runUserHook({ dovecot }, definition, {
    hook: 'remove',
    user: subject(name),
    ...(successor ? { successor: subject(successor) } : {}),
  });
const mailboxes = (...command: string[]) => dovecot(['removed-mailboxes', ...command], {});

before(() => openMailLab('layer-mail-removed', 41));
after(closeMailLab);

const password = 'app-password-of-a-new-user';
const dns = (name: string) => [`uid=${name},ou=users,dc=haven`, `uid=${name},ou=app-passwords,dc=haven`];
const addUser = async (name: string): Promise<void> => {
  const [user, app] = dns(name);
  await modifyLdap(
    server.id,
    `dn: ${user}\nchangetype: add\nobjectClass: inetOrgPerson\nobjectClass: havenUser\nuid: ${name}\ncn: ${name}\nsn: ${name}\nmail: ${name}@cloud.example\n\n` +
      `dn: ${app}\nchangetype: add\nobjectClass: havenAppAccount\nuid: ${name}\nuserPassword: ${password}\n`,
  );
};
const removeUser = (name: string) =>
  modifyLdap(
    server.id,
    dns(name)
      .map((dn) => `dn: ${dn}\nchangetype: delete\n`)
      .join('\n'),
  );

/** The id of a user's entry, which is the name of their folder. */
async function idOf(name: string): Promise<string> {
  const { stdout } = await dovecot(
    ['doveadm', '-c', '/etc/haven/dovecot.conf', 'user', '-f', 'home', name],
    {},
  );
  return stdout.trim().replace('/mail/', '');
}
const exists = async (path: string) => (await dovecot(['test', '-e', path], {})).code === 0;

async function write(name: string): Promise<string> {
  const { subject, message } = email({ to: `${name}@cloud.example` });
  const { data, rcpt } = await toMx({ to: [`${name}@cloud.example`], message });
  assert.equal((data ?? rcpt)?.code, 250, (data ?? rcpt)?.text);
  return subject;
}
/** What the folders below `top` show, without those that are empty. */
async function shown(user: string, secret: string, top = ''): Promise<Record<string, Shown[]>> {
  const { folders, refused } = await useMailbox(user, secret);
  assert.equal(refused, undefined);
  return Object.fromEntries(
    Object.entries(folders).filter(([name, list]) => name.startsWith(top) && list.length > 0),
  );
}
/** Waits for an email, and answers with the folder that it is in: Rspamd may find it to be spam. */
const arrivedIn = (user: string, secret: string, subject: string, top = ''): Promise<string> =>
  waitUntil(
    `"${subject}" in the mailbox of ${user}`,
    async () =>
      Object.entries(await shown(user, secret, top)).find(([, list]) =>
        list.some((each) => each.subject === subject),
      )?.[0],
    { timeoutMs: 60_000 },
  );

/** A user with emails in several folders, one of them with an umlaut in its name. */
async function addUserWithMail(name: string): Promise<Record<string, Shown[]>> {
  await addUser(name);
  await arrivedIn(name, password, await write(name));
  const copyFrom = await arrivedIn(name, password, await write(name));
  await useMailbox(name, password, [
    { create: 'Entw&APw-rfe' },
    { create: 'Projects' },
    { create: 'Projects/2026' },
    { copyFrom, copyTo: 'INBOX', flags: ['\\Seen'] },
    { copyFrom, copyTo: 'Entw&APw-rfe', flags: ['\\Seen', '$Label1'] },
    { copyFrom, copyTo: 'Projects/2026', flags: ['\\Flagged', '\\Answered', 'club'] },
  ]);
  const had = await shown(name, password);
  for (const folder of ['INBOX', 'Entw&APw-rfe', 'Projects/2026']) assert.ok(had[folder], folder);
  return had;
}

test('a user who is renamed keeps the mailbox', async () => {
  const had = await addUserWithMail('rosa');
  await modifyLdap(
    server.id,
    dns('rosa')
      .map((dn) => `dn: ${dn}\nchangetype: modrdn\nnewrdn: uid=countess\ndeleteoldrdn: 1\n`)
      .join('\n'),
  );
  assert.deepEqual(await shown('countess', password), had);
  assert.ok((await useMailbox('rosa', password)).refused);
});

test('a successor gets all folders with their flags, and what arrives while the user is removed', async () => {
  const had = await addUserWithMail('mira.moon');
  const own = await shown('ada', passwords.ada);
  const id = await idOf('mira.moon');
  const said = await removeHook('mira.moon', 'ada');
  assert.match(said, /The emails of mira\.moon are in the folder "From mira-moon" of ada's mailbox\./);
  const expected = Object.fromEntries(
    Object.entries(had).map(([folder, list]) => [
      folder === 'INBOX' ? 'From mira-moon' : `From mira-moon/${folder}`,
      list,
    ]),
  );
  assert.deepEqual(await shown('ada', passwords.ada, 'From'), expected);
  const after = await shown('ada', passwords.ada);
  for (const folder of Object.keys(own)) assert.deepEqual(after[folder], own[folder]);
  const { subscribed } = await useMailbox('ada', passwords.ada);
  for (const folder of Object.keys(expected)) assert.ok(subscribed.includes(folder), folder);

  const late = await write('mira.moon');
  await waitUntil('the late email', () => exists(`/mail/${id}/Maildir`));
  // The agent may run the hook again, and removes the user last.
  const later = await write('mira.moon');
  assert.equal(await removeHook('mira.moon', 'ada'), said);
  await removeUser('mira.moon');
  assert.equal((await toMx({ to: ['mira.moon@cloud.example'] })).rcpt?.code, 550);
  assert.equal((await mailboxes('tidy')).code, 0);
  for (const each of [late, later]) await arrivedIn('ada', passwords.ada, each, 'From');
  const count = (folders: Record<string, Shown[]>) => Object.values(folders).flat().length;
  const whole = await shown('ada', passwords.ada, 'From');
  assert.equal(count(whole), count(expected) + 2);
  for (const [folder, list] of Object.entries(expected))
    assert.deepEqual(whole[folder]?.slice(0, list.length), list, folder);

  assert.ok(await exists(`/mail/removed/${id}`));
  await dovecot(['touch', '-d', '31 days ago', `/mail/removed/${id}`], {});
  assert.equal((await mailboxes('tidy')).code, 0);
  for (const path of [`/mail/removed/${id}`, `/mail/${id}`]) assert.ok(!(await exists(path)), path);
});

test('without a successor the mailbox is kept for 30 days, no new user of that name sees it, and it can still be given', async () => {
  const had = await addUserWithMail('noah');
  const id = await idOf('noah');
  const said = await removeHook('noah');
  assert.match(
    said,
    /^The mailbox of noah is kept until \d+ \w+ \d{4}, then deleted\. .* run: haven exec mail --container dovecot -- removed-mailboxes give noah NAME\n$/,
  );
  const [, command = ''] = / -- (removed-mailboxes give noah )NAME/.exec(said) ?? [];
  await removeUser('noah');
  await addUser('noah');
  assert.deepEqual(await shown('noah', password), {});
  const fresh = await arrivedIn('noah', password, await write('noah'));

  await dovecot(['touch', '-d', '29 days ago', `/mail/removed/${id}`], {});
  assert.equal((await mailboxes('tidy')).code, 0);
  assert.ok(await exists(`/mail/${id}/Maildir`));
  const given = await dovecot([...command.trim().split(' '), 'bob'], {});
  assert.equal(given.code, 0, given.stderr);
  assert.deepEqual((await shown('bob', passwords.bob, 'From'))['From noah'], had.INBOX);
  assert.deepEqual(Object.keys(await shown('noah', password)), [fresh], 'the new user keeps what is theirs');
  assert.equal((await mailboxes('give', 'nobody', 'bob')).code, 1);
});

test('after 30 days a mailbox is deleted; never that of a user who exists, and never while LDAP does not answer', async () => {
  await addUserWithMail('lena');
  const id = await idOf('lena');
  await removeHook('lena');
  const age = () => dovecot(['touch', '-d', '31 days ago', `/mail/removed/${id}`], {});
  await age();
  assert.equal((await mailboxes('tidy')).code, 0);
  assert.ok(await exists(`/mail/${id}/Maildir`), 'the removal was not finished');

  await removeUser('lena');
  await onServer('docker', 'stop', 'haven-ldap-slapd-1');
  try {
    assert.equal((await mailboxes('tidy')).code, 75);
  } finally {
    await onServer('docker', 'start', 'haven-ldap-slapd-1');
  }
  assert.ok(await exists(`/mail/${id}/Maildir`));
  await waitUntil('LDAP', async () => (await mailboxes('tidy')).code === 0, { timeoutMs: 60_000 });
  assert.ok(!(await exists(`/mail/${id}`)));
});

test('a user who is enabled again after a removal that was not finished keeps the mailbox', async () => {
  const had = await addUserWithMail('ines');
  const id = await idOf('ines');
  await removeHook('ines');
  await runUserHook({ dovecot }, definition, { hook: 'enable', user: subject('ines') });
  assert.ok(!(await exists(`/mail/removed/${id}`)));
  assert.deepEqual(await shown('ines', password), had);
});
