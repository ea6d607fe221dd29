import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { waitUntil } from '../../system/wait-until.ts';
import { disableMailUser } from '../support/disable-mail-user.ts';
import { setLocked } from '../support/ldap.ts';
import {
  arrived,
  closeMailLab,
  container,
  email,
  labOptions,
  mailBundle,
  onServer,
  openMailLab,
  passwords,
  server,
  submit,
  visitor,
} from '../support/mail-lab.ts';

/** POP3 as mail programs see it: Python's poplib, from a computer elsewhere, while the option is on and when it is off. */
before(async () => {
  labOptions.pop3 = true;
  await openMailLab('layer-mail-pop3', 83);
});
after(closeMailLab);

const ada = { user: 'ada', password: passwords.ada };
const fetchBy = (login: { user: string; password: string; host?: string }) =>
  visitor.pop3({ host: server.ipv4, ...login });
const dovecotLog = async (): Promise<string> =>
  (await onServer('sh', '-c', `docker logs ${container('dovecot')} 2>&1`)).stdout;

test('a program fetches what arrived, by name and by address, over IPv4 and IPv6', async () => {
  // POP3 shows INBOX alone. What a user sends is never sorted into Junk.
  const from = 'bob@cloud.example';
  const { subject, message } = email({ from });
  const bob = { user: 'bob', password: passwords.bob, from };
  assert.equal((await submit({ ...bob, to: ['ada@cloud.example'], message })).data?.code, 250);
  await arrived('ada', subject);
  for (const more of [{}, { user: 'countess@second.example' }, { host: server.ipv6 }]) {
    const { messages, refused } = await fetchBy({ ...ada, ...more });
    assert.equal(refused, undefined);
    assert.ok(
      messages?.some((text) => text.includes(`Subject: ${subject}`)),
      JSON.stringify(more),
    );
  }
});

test('its real address is in the log, and a wrong password counts for a ban', async () => {
  const failed = async () => {
    const { stdout } = await onServer('fail2ban-client', 'status', 'haven-mail');
    return Number(/Total failed:\s*(\d+)/.exec(stdout)?.[1] ?? assert.fail(stdout));
  };
  const before = await failed();
  assert.match((await fetchBy({ ...ada, password: 'wrong' })).refused ?? '', /AUTH/);
  await waitUntil('the failed login to be counted', async () => (await failed()) > before, {
    timeoutMs: 20_000,
  });
  const log = await dovecotLog();
  assert.match(log, new RegExp(`pop3-login: Info: Logged in: user=<ada>.*rip=${visitor.ipv4},`));
  assert.match(log, new RegExp(`pop3-login: Info: Logged in: user=<ada>.*rip=${visitor.ipv6},`));
});

test('a user who is locked is refused, and one who is disabled is disconnected', async () => {
  await setLocked(server.id, 'bob', true);
  const bob = { user: 'bob', password: passwords.bob };
  assert.match((await fetchBy(bob)).refused ?? '', /AUTH/);
  await setLocked(server.id, 'bob', false);
  assert.equal((await fetchBy(bob)).refused, undefined);

  for (const [name, answer] of [
    ['bob', 'OK'],
    ['ada', 'disconnected'],
  ] as const) {
    const end = await visitor.hold({ host: server.ipv4, ...ada, protocol: 'pop3' });
    assert.equal(await disableMailUser(name), '');
    assert.equal(await end(), answer);
  }
});

test('port 110, where passwords could cross the network in the clear, is closed', async () => {
  assert.equal((await visitor.raw(server.ipv4, 110, Buffer.from(''))).ended, 'ConnectionRefusedError');
});

test('with the option off nothing listens, neither at the server nor in the container', async () => {
  const ended = async () => (await visitor.raw(server.ipv4, 995, Buffer.from('?\r\n'))).ended;
  assert.notEqual(await ended(), 'ConnectionRefusedError');
  const { outcome, entries } = await server.apply(mailBundle('off', { pop3: false }));
  assert.equal(outcome, 'committed', JSON.stringify(entries));
  assert.equal(await ended(), 'ConnectionRefusedError');
  const published = await onServer('docker', 'port', container('dovecot'));
  assert.doesNotMatch(published.stdout, /\b995\b/);
  const { stdout } = await onServer(
    'docker',
    'exec',
    container('dovecot'),
    'doveadm',
    '-c',
    '/etc/haven/dovecot.conf',
    'config',
    'protocols',
  );
  assert.doesNotMatch(stdout, /pop3/);
  assert.equal((await visitor.imap({ host: server.ipv4, ...ada })).refused, undefined);
});
