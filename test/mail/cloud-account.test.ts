import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AlarmOrder } from '../../agent/alarms/alarm-order.ts';
import type { Delivery } from '../../agent/alarms/deliver.ts';
import { smtpServerOf } from '../../core/config/sending.ts';
import { ownAccount, ownUser } from '../../core/mail/own-account.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import {
  closeMailLab,
  domains,
  email,
  host,
  onServer,
  openMailLab,
  records,
  server,
  stranger,
  submit,
  visitor,
} from '../support/mail-lab.ts';

/** The account by which a cloud sends its own email, at its own mail server. */
const account = ownAccount({ host, domains });
const { from } = account;
let password: string;

before(async () => {
  await openMailLab('layer-mail-cloud', 71);
  password = (await onServer('cat', '/srv/haven/secrets/.shared/own-sending-password.1')).stdout;
  await onServer('sh', '-c', `cat /srv/haven/certs/${host}/tls.pem >> /srv/haven/trust/roots.pem`);
});
after(closeMailLab);

/** An email at the other server, with that in it. */
const atOtherServer = (text: string): Promise<string> =>
  waitUntil('the email at the other server', async () =>
    (await visitor.received()).map(String).find((each) => each.includes(text)),
  );

test('an alarm goes out by it, signed for the domain, over a verified connection', async () => {
  const order: AlarmOrder = {
    ways: {
      cloud: domains[0]!,
      email: { to: stranger, account: smtpServerOf(account, 'Our cloud', { name: 'Ada', email: stranger }) },
      secrets: {},
    },
    secrets: {},
  };
  await server.agent(['alarm-put'], JSON.stringify(order));
  // As the unit that sends alarms: root, without any capability.
  const { stdout } = await onServer('setpriv', '--bounding-set', '-all', 'haven-agent', 'alarm-test');
  assert.deepEqual(JSON.parse(stdout) as Delivery[], [{ way: 'email' }]);
  const sent = await atOtherServer(`From: Our cloud <${from}>`);
  assert.match(sent, /d=cloud\.example;/);
  assert.ok(await visitor.verify(Buffer.from(sent), records), sent);
});

test('a container of another service sends by it at its public name, whatever DNS says', async () => {
  const { subject, message } = email({ from, to: stranger });
  const image = server.bundle('reverse-proxy').release.images.IMAGE_CADDY!;
  const place = ['--add-host', `${host}:host-gateway`, '-v', '/srv/haven/trust/roots.pem:/roots.pem:ro'];
  const login = ['--cacert', '/roots.pem', '--user', `${account.user}:${password}`];
  const envelope = ['--mail-from', from, '--mail-rcpt', stranger, '--upload-file', '-'];
  const curl = ['--silent', '--show-error', ...login, ...envelope, `smtps://${host}:${account.port}`];
  const run = ['docker', 'run', '--rm', '-i', ...place, '--entrypoint', 'curl', image, ...curl];
  await onMachine(server.id, run, { input: message });
  await atOtherServer(subject);
});

test('it sends with its own address only', async () => {
  const as = { user: ownUser, password };
  const { subject, message } = email({ from, to: stranger });
  assert.equal((await submit({ ...as, from, to: [stranger], message })).data?.code, 250);
  await atOtherServer(subject);
  for (const other of ['ada@cloud.example', 'no-reply@second.example', stranger])
    assert.equal((await submit({ ...as, from: other, to: [stranger] })).rcpt?.code, 553, other);
});

test('it has no mailbox, and no other password', async () => {
  assert.match(
    (await visitor.imap({ host: server.ipv4, user: ownUser, password })).refused ?? '',
    /AUTHENTICATIONFAILED/,
  );
  for (const wrong of ['', 'wrong', `${password}x`])
    assert.equal((await submit({ user: ownUser, password: wrong, from })).auth?.code, 535);
  for (const user of ['ada', `${ownUser}@cloud.example`, 'no-reply'])
    assert.equal((await submit({ user, password, from })).auth?.code, 535, user);
});

test('no user sends with its address', async () => {
  assert.equal((await submit({ from, to: [stranger] })).rcpt?.code, 553);
});

test('what is written to its address goes to the administrators', async () => {
  const { stdout } = await onServer(
    ...['docker', 'exec', 'haven-mail-postfix-1', 'postmap', '-q', from, 'texthash:/etc/postfix/roles'],
  );
  assert.equal(stdout.trim(), `admins@${domains[0]}`);
});
