import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseDocument } from 'yaml';
import { dkimKeys } from '../../core/mail/dkim-key.ts';
import type { Bundle } from '../../core/release/release.ts';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { LabServer, openLab } from '../support/lab.ts';
import { modifyLdap } from '../support/ldap.ts';
import { MailVisitor, type SmtpVisit } from '../support/mail-visitor.ts';
import { type InContainer, runUserHook } from '../support/run-user-hook.ts';

/**
 * Mail as the agent deploys it, with LDAP and the reverse proxy, on a real machine. What it does is judged from a computer
 * elsewhere, by programs that others wrote: Python's clients, dkimpy and aiosmtpd.
 */
const host = 'mail.cloud.example';
const domains = ['cloud.example', 'second.example'];
const keys = Object.fromEntries(
  domains.map((domain) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const record = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
    return [
      domain,
      { selector: '2026a', privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }), record },
    ];
  }),
);
/** What DNS would show. */
const records = Object.fromEntries(
  domains.map((domain) => [`2026a._domainkey.${domain}`, keys[domain]!.record]),
);
const passwords = { ada: 'app-password-of-ada', bob: 'app-password-of-bob' };
/** Who the visitor is to this cloud's resolver, and to whom email goes out. */
const stranger = 'friend@elsewhere.example';

let server: LabServer;
let visitor: MailVisitor;

before(async () => {
  const lab = await openLab(['reverse-proxy', 'ldap', 'mail']);
  server = await LabServer.create(lab, 'layer-mail', 30);
  visitor = await MailVisitor.start('mail');
  await server.makeCertificate(host);
  for (const service of ['reverse-proxy', 'ldap'])
    assert.equal((await server.apply(server.bundle(service))).outcome, 'committed');
  const { outcome, entries } = await server.apply(mailBundle(), { given: dkimSecret() });
  assert.equal(outcome, 'committed', JSON.stringify(entries));
  await modifyLdap(
    server.id,
    [
      user('ada', ['mail: ada.lovelace@cloud.example', 'havenAlias: countess@second.example']),
      // Their address elsewhere is not theirs here.
      user('bob', [`mail: ${stranger}`, 'havenQuotaMb: 1']),
      appPassword('ada', passwords.ada),
      appPassword('bob', passwords.bob),
    ].join('\n'),
  );
});
after(async () => {
  await visitor?.stop();
  await server?.remove();
});

function mailBundle(version = '1'): Bundle {
  const bundle = structuredClone(server.bundle('mail', { domains, resolver: visitor.ipv4 }));
  bundle.release.variables.TEST = version;
  return bundle;
}
const dkimSecret = () => {
  const value = Object.fromEntries(
    domains.map((domain) => [domain, { selector: '2026a', privateKey: keys[domain]!.privateKey }]),
  );
  return [{ name: dkimKeys, generation: 1, value: JSON.stringify(value) }];
};

const user = (name: string, more: string[]): string =>
  [
    `dn: uid=${name},ou=users,dc=haven`,
    'changetype: add',
    ...['inetOrgPerson', 'havenUser'].map((each) => `objectClass: ${each}`),
    ...[`uid: ${name}`, `cn: ${name}`, `sn: ${name}`],
    ...more,
    '',
  ].join('\n');
const appPassword = (name: string, password: string): string =>
  `dn: uid=${name},ou=app-passwords,dc=haven\nchangetype: add\nobjectClass: havenAppAccount\nuid: ${name}\nuserPassword: ${password}\n`;

let number = 0;
/** An ordinary email, with a subject that no other has. */
function email({ from = stranger, to = 'ada@cloud.example', body = 'Hello' } = {}): {
  subject: string;
  message: string;
} {
  const subject = `email ${++number} of ${process.pid}`;
  const headers = [
    `From: <${from}>`,
    `To: <${to}>`,
    `Subject: ${subject}`,
    `Date: ${new Date().toUTCString()}`,
    `Message-ID: <${number}.${process.pid}@elsewhere.example>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
  ];
  return { subject, message: `${headers.join('\r\n')}\r\n\r\n${body}\r\n` };
}

const toMx = (more: Partial<SmtpVisit>) =>
  visitor.smtp({ host: server.ipv4, port: 25, tls: 'starttls', from: stranger, ...more });
const submit = (more: Partial<SmtpVisit>) =>
  visitor.smtp({
    ...{ host: server.ipv4, port: 587, tls: 'starttls' },
    ...{ user: 'ada', password: passwords.ada, from: 'ada@cloud.example' },
    ...more,
  });

/** What is in a mailbox, in both folders that email arrives in. */
async function mailbox(user: 'ada' | 'bob'): Promise<string[]> {
  const at = { host: server.ipv4, user, password: passwords[user] };
  const folders = await Promise.all(['INBOX', 'Junk'].map((folder) => visitor.imap({ ...at, folder })));
  return folders.flatMap(({ messages, refused }) => messages ?? assert.fail(refused));
}
/** The copies of an email that arrived. */
const copies = async (user: 'ada' | 'bob', subject: string): Promise<string[]> =>
  (await mailbox(user)).filter((text) => text.includes(`Subject: ${subject}\r\n`));
const arrived = (user: 'ada' | 'bob', subject: string): Promise<string> =>
  waitUntil(`"${subject}" in the mailbox of ${user}`, async () => (await copies(user, subject))[0], {
    timeoutMs: 60_000,
  });

const container = (name: string) => `haven-mail-${name}-1`;
const onServer = (...command: string[]) => onMachine(server.id, command);

test('email from another server arrives once, over IPv4 and IPv6, with the address it really came from', async () => {
  for (const [to, address] of [
    [server.ipv4, visitor.ipv4],
    [server.ipv6, `IPv6:${visitor.ipv6}`],
  ] as const) {
    const { subject, message } = email();
    const { data } = await toMx({ host: to, to: ['ada@cloud.example'], message });
    assert.equal(data?.code, 250, data?.text);
    const text = await arrived('ada', subject);
    assert.ok(text.includes(`[${address}]`), text);
    assert.match(text, /by mail\.cloud\.example \(Postfix\)/);
    assert.equal((await copies('ada', subject)).length, 1);
  }
});

test('a user receives at their name in each domain, at their address here and at their other addresses, with a tag too', async () => {
  for (const to of [
    'ada@second.example',
    'ADA+news@cloud.example',
    'ada.lovelace@cloud.example',
    'countess@second.example',
  ]) {
    const { subject, message } = email({ to });
    const { data } = await toMx({ to: [to], message });
    assert.equal(data?.code, 250, `${to}: ${data?.text}`);
    await arrived('ada', subject);
  }
});

test('mail programs send with an app password, on both ports, by name and by address', async () => {
  for (const more of [
    { port: 587, tls: 'starttls', user: 'ada' },
    { port: 465, tls: 'implicit', user: 'ada@cloud.example' },
    { port: 465, tls: 'implicit', user: 'countess@second.example', host: server.ipv6 },
  ] as const) {
    const { subject, message } = email({ from: 'ada@cloud.example', to: 'bob@cloud.example' });
    const answers = await submit({ ...more, to: ['bob@cloud.example'], message });
    assert.equal(answers.data?.code, 250, JSON.stringify(answers));
    await arrived('bob', subject);
  }
});

test('a login is refused with a wrong password, another user’s, none, or for a user who does not exist', async () => {
  for (const [user, password] of [
    ['ada', 'wrong'],
    ['ada', passwords.bob],
    ['ada', ''],
    ['nobody', passwords.ada],
    ['*', passwords.ada],
  ] as const) {
    assert.equal((await submit({ user, password })).auth?.code, 535, `${user} ${password}`);
    assert.match(
      (await visitor.imap({ host: server.ipv4, user, password })).refused ?? '',
      /AUTHENTICATIONFAILED|empty/i,
    );
  }
});

test('a locked user can not log in, and their email is kept', async () => {
  const lock = (change: string) =>
    onMachine(
      server.id,
      [
        'docker',
        'exec',
        '-i',
        'haven-ldap-slapd-1',
        'ldapmodify',
        '-Q',
        '-Y',
        'EXTERNAL',
        '-e',
        'relax',
        '-H',
        'ldapi:///',
      ],
      { input: `dn: uid=bob,ou=users,dc=haven\nchangetype: modify\n${change}\n` },
    );
  await lock('add: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z');
  const login = { user: 'bob', password: passwords.bob };
  assert.equal((await submit(login)).auth?.code, 535);
  assert.match((await visitor.imap({ host: server.ipv4, ...login })).refused ?? '', /AUTHENTICATIONFAILED/);
  const { subject, message } = email({ to: 'bob@cloud.example' });
  assert.equal((await toMx({ to: ['bob@cloud.example'], message })).data?.code, 250);
  await lock('delete: pwdAccountLockedTime');
  await arrived('bob', subject);
});

test('a user who is disabled is disconnected, and nobody else', async () => {
  const { definition } = (await loadCatalogue()).get('mail')!;
  const inDovecot: InContainer = (command, variables) => {
    const given = Object.entries(variables).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    return tryOnMachine(server.id, ['docker', 'exec', ...given, container('dovecot'), ...command]);
  };
  const disable = (name: string) =>
    runUserHook({ dovecot: inDovecot }, definition, { hook: 'disable', user: { name, subject: name } });
  for (const [name, answer] of [
    ['bob', 'OK'],
    ['ada', 'disconnected'],
  ] as const) {
    const end = await visitor.hold({ host: server.ipv4, user: 'ada', password: passwords.ada });
    assert.equal(await disable(name), '');
    assert.equal(await end(), answer);
  }
});

test('failed logins of both programs are counted for a ban', async () => {
  const failed = async () => {
    const { stdout } = await onServer('fail2ban-client', 'status', 'haven-mail');
    return Number(/Total failed:\s*(\d+)/.exec(stdout)?.[1] ?? assert.fail(stdout));
  };
  const wrong = { user: 'bob', password: 'wrong' };
  for (const guess of [() => submit(wrong), () => visitor.imap({ host: server.ipv4, ...wrong })]) {
    const before = await failed();
    await guess();
    await waitUntil('the failed login to be counted', async () => (await failed()) > before, {
      timeoutMs: 20_000,
    });
  }
});

test('passwords are asked for only where they are encrypted, and never by the port for other servers', async () => {
  const mx = await toMx({});
  for (const answer of [mx.ehlo, mx.ehloAfterTls]) assert.doesNotMatch(answer?.text ?? 'AUTH', /AUTH/);
  const submission = await visitor.smtp({ host: server.ipv4, port: 587, tls: 'starttls' });
  assert.doesNotMatch(submission.ehlo?.text ?? 'AUTH', /AUTH/);
  assert.match(submission.ehloAfterTls?.text ?? '', /AUTH PLAIN LOGIN/);
  const open = await visitor.smtp({ host: server.ipv4, port: 587, raw: [['AUTH', 'PLAIN AGFkYQBh']] });
  assert.equal(open['AUTH PLAIN AGFkYQBh']?.code, 530);
});

test('nobody relays through it without a login, over IPv4 or IPv6, however the address is written', async () => {
  const outside = [
    'victim@victim.example',
    'victim%victim.example@cloud.example',
    '"victim@victim.example"@cloud.example',
    '@cloud.example:victim@victim.example',
    'victim@victim.example@cloud.example',
    'victim!victim.example@cloud.example',
  ];
  for (const at of [server.ipv4, server.ipv6])
    for (const from of [stranger, 'ada@cloud.example', '<>'])
      for (const to of outside) {
        const { rcpt, mail } = await toMx({ host: at, from, to: [to] });
        assert.ok((rcpt ?? mail)!.code >= 500, `${from} to ${to} at ${at}: ${rcpt?.text}`);
      }
  assert.equal((await toMx({ to: ['victim@victim.example'] })).rcpt?.code, 554);
  for (const port of [465, 587]) {
    const tls = port === 465 ? 'implicit' : 'starttls';
    assert.ok(
      (await visitor.smtp({ host: server.ipv4, port, tls, from: stranger, to: ['ada@cloud.example'] })).rcpt!
        .code >= 500,
    );
  }
});

test('an address that does not exist is refused at once, also a user’s own address elsewhere', async () => {
  assert.equal((await toMx({ to: ['nobody@cloud.example'] })).rcpt?.code, 550);
  assert.equal((await toMx({ to: ['countess@cloud.example'] })).rcpt?.code, 550);
  assert.equal((await toMx({ to: [stranger] })).rcpt?.code, 554);
});

test('a user sends with their own addresses only', async () => {
  for (const from of ['bob@cloud.example', stranger, 'nobody@cloud.example'])
    assert.equal((await submit({ from, to: ['bob@cloud.example'] })).rcpt?.code, 553, from);
  for (const from of ['ada@second.example', 'countess@second.example', 'ada.lovelace@cloud.example'])
    assert.equal((await submit({ from, to: ['bob@cloud.example'] })).rcpt?.code, 250, from);
});

test('what a visitor says of its address is not believed', async () => {
  const header = Buffer.from('PROXY TCP4 127.0.0.1 127.0.0.1 1234 25\r\nEHLO x\r\n');
  const { text } = await visitor.raw(server.ipv4, 25, header);
  assert.match(text, /^(220[^\r]*\r\n)?(554|500|502) /, text);
  // The port stays open for others.
  assert.equal((await toMx({ to: ['ada@cloud.example'] })).rcpt?.code, 250);
});

test('other containers of the server do not reach the ports that believe such a header, and LDAP’s can not relay with it', async () => {
  const image = server.bundle('mail').release.images.IMAGE_UNBOUND!;
  const connect = (address: string, port: number) =>
    `timeout 3 bash -c 'exec 3<>/dev/tcp/${address}/${port}' 2>/dev/null && echo reached ${address} ${port}; true`;
  const { loopbackPorts } = server.bundle('mail').release.network as {
    loopbackPorts: Record<string, number>;
  };
  const gateway = (
    await onServer('docker', 'network', 'inspect', '-f', '{{(index .IPAM.Config 0).Gateway}}', 'bridge')
  ).stdout.trim();
  const doors = [
    ...[25, 465, 587, 2525].map((port) => connect('172.30.25.3', port)),
    ...[24, 993, 4190, 12345, 12340].map((port) => connect('172.30.25.4', port)),
    ...Object.values(loopbackPorts).flatMap((port) => [gateway, server.ipv4].map((at) => connect(at, port))),
  ];
  const run = ['docker', 'run', '--rm', '--entrypoint', 'bash', image, '-c'];
  assert.equal((await onServer(...run, doors.join('; '))).stdout, '');
  // The same way in which something answers, so that silence means something.
  assert.match((await onServer(...run, connect(server.ipv4, 25))).stdout, /reached/);

  const script = `exec 3<>/dev/tcp/postfix/25; printf 'PROXY TCP4 127.0.0.1 127.0.0.1 1234 25\\r\\n' >&3; read -r -t 9 l <&3; echo "$l"
    for line in 'EHLO x' 'MAIL FROM:<ada@cloud.example>' 'RCPT TO:<victim@victim.example>'; do printf '%s\\r\\n' "$line" >&3; while read -r -t 9 l <&3; do echo "$l"; [[ $l == ???-* ]] || break; done; done`;
  const said = (await tryOnMachine(server.id, ['docker', 'exec', 'haven-ldap-slapd-1', 'bash', '-c', script]))
    .stdout;
  assert.match(said, /^220 /);
  assert.match(said, /554 5\.7\.1 .*Relay access denied/);
});

test('what users send is signed for the domain of its From line, and what others send is not', async () => {
  for (const from of ['ada@cloud.example', 'ada@second.example']) {
    const { subject, message } = email({ from, to: stranger });
    const before = await visitor.received();
    assert.equal((await submit({ from, to: [stranger], message })).data?.code, 250);
    const sent = await waitUntil('the email at the other server', async () =>
      (await visitor.received()).find((each) => each.includes(subject)),
    );
    assert.equal((await visitor.received()).length, before.length + 1);
    assert.match(sent.toString(), new RegExp(`d=${from.split('@')[1]};`));
    assert.ok(await visitor.verify(sent, records), sent.toString());
    assert.ok(!(await visitor.verify(Buffer.from(sent.toString().replace('Hello', 'Goodbye')), records)));
  }
  const forged = email({ from: 'ada@cloud.example' });
  await toMx({ from: 'ada@cloud.example', to: ['ada@cloud.example'], message: forged.message });
  assert.doesNotMatch(await arrived('ada', forged.subject), /DKIM-Signature/i);
});

test('a full mailbox is refused before the email is sent, so that it does not bounce later', async () => {
  const sized = async (user: 'ada' | 'bob', size: number) =>
    (await toMx({ to: [`${user}@cloud.example`], size })).rcpt?.code;
  assert.equal(await sized('bob', 2_000_000), 452);
  const { subject, message } = email({ to: 'bob@cloud.example', body: `${'x'.repeat(70)}\r\n`.repeat(9000) });
  assert.equal((await toMx({ to: ['bob@cloud.example'], message })).data?.code, 250);
  await arrived('bob', subject);
  assert.equal(await sized('bob', 600_000), 452);
  assert.equal(await sized('bob', 1000), 250);
  assert.equal(await sized('ada', 2_000_000), 250);
});

test('a new certificate is served at once, and a mail program that is connected stays so', async () => {
  const shown = async (port: number) =>
    new X509Certificate(await visitor.certificate(server.ipv4, port)).fingerprint256;
  const wanted = async () => {
    const pem = (await onServer('openssl', 'x509', '-in', `/srv/haven/certs/${host}/tls.pem`)).stdout;
    return new X509Certificate(pem).fingerprint256;
  };
  assert.equal(await shown(993), await wanted());
  assert.equal(await shown(465), await wanted());
  const end = await visitor.hold({ host: server.ipv4, user: 'ada', password: passwords.ada });
  await server.makeCertificate(host);
  await onServer('haven-agent', 'recover');
  assert.equal(await shown(993), await wanted());
  assert.equal(await shown(465), await wanted());
  assert.equal(await end(), 'OK');
});

test('without Rspamd nothing is accepted, and with it again it is', async () => {
  await onServer('docker', 'stop', container('rspamd'));
  try {
    for (const tls of ['starttls', undefined] as const) {
      const { mail, starttls, rcpt } = await toMx({ tls, to: ['ada@cloud.example'] });
      assert.match(String((rcpt ?? mail ?? starttls)?.code), /^45/);
    }
  } finally {
    await onServer('docker', 'start', container('rspamd'));
  }
  await waitUntil('Rspamd', async () => (await toMx({ to: ['ada@cloud.example'] })).rcpt?.code === 250, {
    timeoutMs: 180_000,
  });
});

/** Accepted while nothing can be delivered. */
async function acceptWithoutDovecot(count: number): Promise<string[]> {
  await onServer('docker', 'stop', container('dovecot'));
  const emails = Array.from({ length: count }, () => email());
  const waiting = [...emails];
  // Each waits some seconds for an answer about the mailbox, so several are handed in at once.
  const lane = async () => {
    for (let each = waiting.pop(); each; each = waiting.pop()) {
      const { data } = await toMx({ to: ['ada@cloud.example'], message: each.message });
      assert.equal(data?.code, 250, data?.text);
    }
  };
  await Promise.all([lane(), lane(), lane(), lane(), lane()]);
  return emails.map(({ subject }) => subject);
}

async function allArrive(subjects: string[]): Promise<void> {
  const counts = async () => {
    const texts = await mailbox('ada');
    return subjects.map((subject) => texts.filter((text) => text.includes(`Subject: ${subject}\r\n`)).length);
  };
  await waitUntil('all of them', async () => (await counts()).every((count) => count > 0), {
    timeoutMs: 180_000,
  });
  await onServer('docker', 'exec', container('postfix'), 'postqueue', '-f');
  await waitUntil('an empty queue', async () =>
    /empty/.test((await onServer('docker', 'exec', container('postfix'), 'postqueue', '-p')).stdout),
  );
  assert.deepEqual(
    await counts(),
    subjects.map(() => 1),
  );
}

/** Whether an email is in a mailbox, by its file: in a trial nobody can log in. */
async function isStored(subject: string): Promise<boolean> {
  const found = await tryOnMachine(server.id, [
    'grep',
    '-rqF',
    subject,
    '/srv/haven/services/mail/data/mailboxes',
  ]);
  assert.ok(found.code === 0 || found.code === 1, found.stderr);
  return found.code === 0;
}

test('a release on trial delivers nothing of what waits, and what waits arrives once after it was undone', async () => {
  const subjects = await acceptWithoutDovecot(2);
  // One container does not become healthy, so the start of the release goes on until that one is killed.
  const sick = mailBundle('sick');
  sick.release.startTimeoutSeconds = 300;
  const compose = parseDocument(sick.files['compose.yaml']!);
  const never = { test: ['CMD', 'false'], interval: '5s', retries: 1000 };
  compose.setIn(['services', 'valkey', 'healthcheck'], compose.createNode(never));
  sick.files['compose.yaml'] = compose.toString({ lineWidth: 0 });
  const inPostfix = async (...command: string[]) =>
    (await tryOnMachine(server.id, ['docker', 'exec', container('postfix'), ...command])).stdout;
  const { outcome } = await server.apply(sick, {
    whileRunning: async () => {
      await waitUntil(
        'the queue to be held, although it was told to deliver',
        async () => {
          await inPostfix('postqueue', '-f');
          const waiting = await inPostfix('postqueue', '-p');
          return waiting.split('held until the change is over').length > subjects.length;
        },
        { timeoutMs: 240_000, everyMs: 500 },
      );
      await inPostfix('postqueue', '-f');
      await sleep(2000);
      for (const subject of subjects) assert.equal(await isStored(subject), false);
      await onServer('docker', 'kill', container('valkey'));
    },
  });
  assert.equal(outcome, 'undone');
  await allArrive(subjects);
  assert.ok(await isStored(subjects[0]!), 'so that its absence means something');
});

test('killed with 20 accepted emails while mailboxes are away: all arrive, none twice', async () => {
  const subjects = await acceptWithoutDovecot(20);
  await onServer('docker', 'kill', '--signal', 'KILL', container('postfix'));
  await onServer('docker', 'start', container('dovecot'), container('postfix'));
  await allArrive(subjects);
});
