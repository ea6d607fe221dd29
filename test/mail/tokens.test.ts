import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { judged } from '../behaviours/judged.ts';
import { setLocked } from '../support/ldap.ts';
import { makeSigningKey, type SigningKey, signToken } from '../support/login-token.ts';
import { lineWith } from '../support/mail-judges.ts';
import {
  arrived,
  closeMailLab,
  container,
  copies,
  email,
  onServer,
  openMailLab,
  passwords,
  server,
  submit,
  toMx,
  visitor,
} from '../support/mail-lab.ts';

/**
 * Mail as another service of the cloud uses it, such as webmail: over the network that the agent makes for the pair, with
 * tokens of the login. Keys and tokens are made here, as Keycloak makes them, and the keys are put where the agent puts them.
 */
const reader = 'mail-reader';
const issuer = 'https://keycloak.cloud.example/realms/haven';
const first = makeSigningKey('first');

before(async () => {
  await openMailLab('layer-mail-tokens', 44, [reader]);
  await showKey(first);
  const { outcome, entries } = await server.apply(server.bundle(reader));
  assert.equal(outcome, 'committed', JSON.stringify(entries));
});
after(closeMailLab);

async function showKey({ id, pem }: SigningKey, client = reader): Promise<void> {
  const folder = `/srv/haven/login-keys/mail/${client}/ES256`;
  await onMachine(server.id, ['sh', '-c', `mkdir -p ${folder} && cat > ${folder}/${id}`], { input: pem });
}

/**
 * As the login's tokens for such a service are: flat. A list or an object among the claims makes Dovecot 2.4.1 read memory that it
 * has freed (oauth2_jwt_copy_fields).
 */
const claims = (user = 'ada') => ({
  iss: issuer,
  aud: 'mail',
  azp: reader,
  scope: 'openid mail email profile',
  sub: `id-of-${user}`,
  preferred_username: user,
});
const token = (changed: Record<string, unknown> = {}, key = first) =>
  signToken(key, { ...claims(), ...changed });

interface Said {
  refused?: string;
  messages?: number;
  auth?: { code: number; text: string };
  rcpt?: { code: number; text: string };
  data?: { code: number; text: string };
  mechanisms?: string;
  before: string | string[];
  said: string[];
  greeting: string;
  reached: string[];
}

/** What the service sees of mail. */
async function ask(
  visit: 'imap' | 'smtp' | 'sieve' | 'connect',
  order: Record<string, unknown>,
): Promise<Said> {
  const { stdout } = await onMachine(
    server.id,
    ['docker', 'exec', '-i', 'haven-mail-reader-app-1', 'ask.py'],
    { input: JSON.stringify({ user: 'ada', mechanism: 'XOAUTH2', ...order, visit }) },
  );
  return JSON.parse(stdout);
}

test('a token of the login opens the mailbox of its user, by both mechanisms', async () => {
  const { subject, message } = email();
  assert.equal((await toMx({ to: ['ada@cloud.example'], message })).data?.code, 250);
  await arrived('ada', subject);
  for (const mechanism of ['XOAUTH2', 'OAUTHBEARER']) {
    const { messages, refused } = await ask('imap', { mechanism, secret: token() });
    assert.equal(messages, 1, `${mechanism}: ${refused}`);
  }
});

test('other tokens are refused', async () => {
  const strange = makeSigningKey('first');
  const unknown = makeSigningKey('unknown');
  const past = Math.floor(Date.now() / 1000) - 120;
  const cases: [string, string, Record<string, unknown>][] = [
    ['expired', token({ iat: past - 60, exp: past }), {}],
    ['for another audience', token({ aud: 'account' }), {}],
    ['without the scope', token({ scope: 'openid' }), {}],
    ['of another login', token({ iss: 'https://elsewhere.example/realms/haven' }), {}],
    ['of a client that mail does not know', token({ azp: 'gitea' }), {}],
    ['of a client that is a path', token({ azp: '../mail/mail-reader' }), {}],
    ['signed by another key', token({}, strange), {}],
    ['signed by a key that the login does not show', token({}, unknown), {}],
    ['not signed', `${token().split('.').slice(0, 2).join('.')}.`, {}],
    ['of another user', token(), { user: 'bob' }],
    ['of a user who does not exist', token({ preferred_username: 'nobody' }), { user: 'nobody' }],
  ];
  const said: string[] = [];
  for (const [what, secret, order] of cases) {
    const { refused } = await ask('imap', { secret, ...order });
    said.push(`${what}: ${refused}`);
    assert.match(refused ?? 'accepted', /AUTHENTICATIONFAILED/, what);
    assert.equal((await ask('smtp', { secret, ...order })).auth?.code, 535, what);
  }
  const right = await ask('smtp', { secret: token() });
  assert.equal(right.auth?.code, 235, 'and the right one still works');
  said.unshift(`AUTH: ${right.auth?.code} ${right.auth?.text}`);
  judged({ behaviour: '5b', judge: 'Python imaplib and smtplib', said: said.join('; ') });
});

test('a token is of no use once its user is locked', async () => {
  const secret = token({ preferred_username: 'bob' });
  assert.equal((await ask('imap', { user: 'bob', secret })).refused, undefined);
  await setLocked(server.id, 'bob', true);
  try {
    assert.match((await ask('imap', { user: 'bob', secret })).refused ?? 'accepted', /AUTHENTICATIONFAILED/);
    assert.equal((await ask('smtp', { user: 'bob', secret })).auth?.code, 535);
    assert.match((await ask('sieve', { user: 'bob', secret })).said[0] ?? '', /^NO/);
  } finally {
    await setLocked(server.id, 'bob', false);
  }
  assert.equal((await ask('imap', { user: 'bob', secret })).refused, undefined);
});

test('a new key of the login counts without a restart', async () => {
  const next = makeSigningKey('next');
  assert.match(
    (await ask('imap', { secret: token({}, next) })).refused ?? 'accepted',
    /AUTHENTICATIONFAILED/,
  );
  await showKey(next);
  assert.equal((await ask('imap', { secret: token({}, next) })).refused, undefined);
});

test('email is sent with a token, also with a long one, by the addresses of its user alone', async () => {
  for (const length of [1500, 3000]) {
    const secret = token({ padding: 'x'.repeat(Math.ceil(((length - token().length) * 3) / 4)) });
    assert.ok(secret.length >= length);
    const { subject, message } = email({ from: 'ada@cloud.example', to: 'bob@cloud.example' });
    const said = await ask('smtp', { secret, from: 'ada@cloud.example', to: 'bob@cloud.example', message });
    assert.equal(said.data?.code, 250, JSON.stringify(said));
    await arrived('bob', subject);
    const { auth } = said;
    judged({
      behaviour: '6',
      judge: 'Python smtplib',
      said: `${secret.length} characters: ${auth?.code} ${auth?.text}`,
    });
  }
  const forged = await ask('smtp', { secret: token(), from: 'bob@cloud.example', to: 'ada@cloud.example' });
  assert.equal(forged.rcpt?.code, 553, JSON.stringify(forged));
});

test('there tokens are the only way in, and only over TLS; mail programs outside use passwords as before', async () => {
  const smtp = await ask('smtp', { secret: token() });
  assert.equal(smtp.before, '');
  assert.deepEqual(smtp.mechanisms?.trim().split(' ').sort(), ['OAUTHBEARER', 'XOAUTH2']);
  const plain = { mechanism: 'PLAIN', secret: passwords.ada };
  assert.ok((await ask('smtp', plain)).auth!.code >= 500);
  const imap = await ask('imap', plain);
  assert.match(imap.refused ?? 'accepted', /AUTHENTICATIONFAILED/);
  assert.ok(imap.before.includes('LOGINDISABLED'), String(imap.before));
  const sieve = await ask('sieve', plain);
  assert.match(sieve.said[0] ?? '', /^NO/);
  assert.match(sieve.greeting, /"SASL" ""/);
  assert.equal((await submit({})).auth?.code, 235);
  const outside = { host: server.ipv4, user: 'ada', password: passwords.ada };
  assert.equal((await visitor.imap(outside)).refused, undefined);
});

test('the service reaches those doors, and neither mail’s other containers nor what mail programs use', async () => {
  const { reached } = await ask('connect', {
    addresses: [
      // LMTP, SASL, the quota's policy, and what HAProxy passes on would let it past the doors that take tokens alone.
      ...[24, 143, 993, 1143, 1144, 2000, 4190, 4191, 12340, 12345].map((port) => ['dovecot', port]),
      ...[25, 465, 587, 1587, 1588, 2525].map((port) => ['postfix', port]),
      ...['rspamd', 'valkey', 'unbound', 'mail', 'ldap'].map((name) => [name, 80]),
      ...[25, 1587, 1588, 2525].map((port) => ['172.30.25.3', port]),
      ...[24, 993, 1144, 12345].map((port) => ['172.30.25.4', port]),
    ],
  });
  assert.deepEqual(reached, ['dovecot:1144', 'dovecot:4191', 'postfix:1587']);
  const image = server.bundle('mail').release.images.IMAGE_UNBOUND!;
  const doors = [
    ...[1144, 4191].map((port) => ['172.30.25.4', port]),
    ...[1587, 1588].map((port) => ['172.30.25.3', port]),
  ].map(
    ([at, port]) =>
      `timeout 3 bash -c 'exec 3<>/dev/tcp/${at}/${port}' 2>/dev/null && echo reached ${at} ${port}; true`,
  );
  const run = ['docker', 'run', '--rm', '--entrypoint', 'bash', image, '-c', doors.join('; ')];
  assert.equal((await onServer(...run)).stdout, '', 'other containers reach none of them');
});

test('a filter files email, and an answer during a vacation is sent once', async () => {
  const script = `require ["fileinto", "vacation"];
    if header :contains "subject" "bills" { fileinto "Archive"; stop; }
    vacation :days 1 :subject "Away" "Back on Monday.";`;
  const { said } = await ask('sieve', { secret: token(), script });
  assert.ok(
    said.every((each) => each.startsWith('OK')),
    said.join('\n'),
  );
  const fromBob = async (subject: string) => {
    const [from, to] = ['bob@cloud.example', 'ada@cloud.example'];
    const { message } = email({ from, to });
    const { data } = await submit({
      ...{ user: 'bob', password: passwords.bob, from, to: [to] },
      message: message.replace(/Subject: .*/, `Subject: ${subject}`),
    });
    assert.equal(data?.code, 250, data?.text);
  };
  await fromBob('bills of May');
  const archive = { host: server.ipv4, user: 'ada', password: passwords.ada, folder: 'Archive' };
  await waitUntil('the email in the folder', async () =>
    (await visitor.imap(archive)).messages?.some((each) => each.includes('Subject: bills')),
  );
  for (const subject of ['first question', 'second question']) {
    await fromBob(subject);
    await arrived('ada', subject);
  }
  const answer = await arrived('bob', 'Away').catch(async (error: Error) =>
    assert.fail(
      `${error.message}\n${(await tryOnMachine(server.id, ['docker', 'logs', '--tail', '40', container('postfix')])).stdout}`,
    ),
  );
  assert.match(answer, /^To: <bob@cloud\.example>/m);
  assert.match(answer, /^From: .*ada@cloud\.example/m);
  assert.match(answer, /^Auto-Submitted: auto-replied/m);
  assert.match(answer, /Back on Monday\./);
  assert.equal((await copies('bob', 'Away')).length, 1, 'the second email is not answered');
  judged({ behaviour: '15b', judge: 'Python imaplib', said: lineWith(answer, /^Auto-Submitted/) });
});
