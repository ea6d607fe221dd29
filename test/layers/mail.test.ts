import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import { innerDoors } from '../../core/mail/inner-doors.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { judged } from '../behaviours/judged.ts';
import { disableMailUser } from '../support/disable-mail-user.ts';
import { setLocked } from '../support/ldap.ts';
import {
  arrived,
  closeMailLab,
  container,
  copies,
  email,
  host,
  onServer,
  openMailLab,
  passwords,
  records,
  server,
  stranger,
  submit,
  toMx,
  visitor,
} from '../support/mail-lab.ts';

/**
 * Mail as the agent deploys it, with LDAP and the reverse proxy, on a real machine. What it does is judged from a computer
 * elsewhere, by programs that others wrote: Python's clients, dkimpy and aiosmtpd.
 */
before(() => openMailLab('layer-mail', 30));
after(closeMailLab);

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
  const logins = [
    ['ada', 'wrong'],
    ['ada', passwords.bob],
    ['ada', ''],
    ['nobody', passwords.ada],
    ['*', passwords.ada],
  ] as const;
  // A refusal takes its time, so all are asked at once.
  const ask = async ([user, password]: (typeof logins)[number]) => {
    const login = { user, password };
    const [smtp, imap] = await Promise.all([submit(login), visitor.imap({ host: server.ipv4, ...login })]);
    assert.equal(smtp.auth?.code, 535, `${user} ${password}`);
    assert.match(imap.refused ?? '', /AUTHENTICATIONFAILED|empty/i, `${user} ${password}`);
  };
  await Promise.all(logins.map(ask));
});

test('a locked user can not log in, and their email is kept', async () => {
  await setLocked(server.id, 'bob', true);
  const login = { user: 'bob', password: passwords.bob };
  const [smtp, imap] = await Promise.all([submit(login), visitor.imap({ host: server.ipv4, ...login })]);
  assert.equal(smtp.auth?.code, 535);
  assert.match(imap.refused ?? '', /AUTHENTICATIONFAILED/);
  const { subject, message } = email({ to: 'bob@cloud.example' });
  assert.equal((await toMx({ to: ['bob@cloud.example'], message })).data?.code, 250);
  await setLocked(server.id, 'bob', false);
  await arrived('bob', subject);
});

test('a user who is disabled is disconnected, and nobody else', async () => {
  for (const [name, answer] of [
    ['bob', 'OK'],
    ['ada', 'disconnected'],
  ] as const) {
    const end = await visitor.hold({ host: server.ipv4, user: 'ada', password: passwords.ada });
    assert.equal(await disableMailUser(name), '');
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
      await Promise.all(
        outside.map(async (to) => {
          const { rcpt, mail } = await toMx({ host: at, from, to: [to] });
          assert.ok((rcpt ?? mail)!.code >= 500, `${from} to ${to} at ${at}: ${rcpt?.text}`);
        }),
      );
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

test('other containers of the server do not reach the ports that believe such a header, LDAP’s neither', async () => {
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
  // A door that is closed says nothing, so all are tried at once.
  const all = (doors: string[]) => `${doors.map((each) => `(${each}) &`).join(' ')} wait`;
  const run = ['docker', 'run', '--rm', '--entrypoint', 'bash', image, '-c'];
  assert.equal((await onServer(...run, all(doors))).stdout, '');
  // The same way in which something answers, so that silence means something.
  assert.match((await onServer(...run, all([connect(server.ipv4, 25)]))).stdout, /reached/);

  // LDAP shares a network with both.
  const fromLdap = async (doors: string[]) =>
    (await onServer('docker', 'exec', 'haven-ldap-slapd-1', 'bash', '-c', all(doors))).stdout;
  const named = [
    ...[25, 465, 587, 1588, 2525].map((port) => connect('postfix', port)),
    ...[24, 993, 1143, 4190, 12345, 12340].map((port) => connect('dovecot', port)),
  ];
  assert.equal(await fromLdap(named), '');
  assert.match(await fromLdap([connect('postfix', innerDoors.submission.port)]), /reached/);

  // Such a header that lies would still not relay.
  const script = `exec 3<>/dev/tcp/127.0.0.1/${loopbackPorts.smtp}; printf 'PROXY TCP4 127.0.0.1 127.0.0.1 1234 25\\r\\n' >&3; read -r -t 9 l <&3; echo "$l"
    for line in 'EHLO x' 'MAIL FROM:<ada@cloud.example>' 'RCPT TO:<victim@victim.example>'; do printf '%s\\r\\n' "$line" >&3; while read -r -t 9 l <&3; do echo "$l"; [[ $l == ???-* ]] || break; done; done`;
  const { stdout: said } = await onServer('bash', '-c', script);
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

/** Copies all of a mailbox to one folder, then to another, by Python's imaplib. Prints the answers: the first that is not OK. */
const copyTo = `
import imaplib, json, ssl, sys
unverified = ssl.create_default_context()
unverified.check_hostname = False
unverified.verify_mode = ssl.CERT_NONE
client = imaplib.IMAP4_SSL(sys.argv[1], 993, ssl_context=unverified, timeout=30)
client.login(*sys.argv[2:])
def copy(to):
    for folder in ['INBOX', 'Junk']:
        if int(client.select(folder)[1][0]):
            kind, why = client.copy('1:*', to)
            if kind != 'OK':
                return f'{kind} {why[0].decode()}'
    return 'OK'
print(json.dumps([copy('Archive'), copy('Trash')]))
client.logout()`;

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
  const copying = ['python3', '-c', copyTo, server.ipv4, 'bob', passwords.bob];
  const { stdout, stderr } = await visitor.run(copying);
  const [archive, trash] = JSON.parse(stdout || '[]') as string[];
  assert.match(archive ?? stderr, /^NO .*OVERQUOTA/, 'there is no space for a copy');
  assert.equal(trash, 'OK', 'but in Trash, because many programs delete by a copy to it');
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
  const answer = await end();
  assert.equal(answer, 'OK');
  judged({ behaviour: '26a', judge: 'Python ssl and imaplib', said: `${await wanted()}; NOOP: ${answer}` });
});

test('without Rspamd nothing is accepted, and with it again it is', async () => {
  await onServer('docker', 'stop', container('rspamd'));
  try {
    const status = ['docker', 'inspect', '-f', '{{.State.ExitCode}}', container('rspamd')];
    const ended = (await onServer(...status)).stdout.trim();
    assert.equal(ended, '0', 'it ends within the ten seconds that Docker waits before it kills');
    // Otherwise the kernel sends to where it was, and Postfix waits half a minute for an answer.
    const pid = ['docker', 'inspect', '-f', '{{.State.Pid}}', container('postfix')];
    const inPostfix = ['nsenter', '--net', '--target', (await onServer(...pid)).stdout.trim()];
    await onServer(...inPostfix, 'ip', 'neighbour', 'flush', 'all');
    const ask = async (tls: 'starttls' | undefined) => {
      const { mail, starttls, rcpt } = await toMx({ tls, to: ['ada@cloud.example'] });
      assert.match(String((rcpt ?? mail ?? starttls)?.code), /^45/);
    };
    await Promise.all([ask('starttls'), ask(undefined)]);
  } finally {
    await onServer('docker', 'start', container('rspamd'));
  }
  await waitUntil('Rspamd', async () => (await toMx({ to: ['ada@cloud.example'] })).rcpt?.code === 250, {
    timeoutMs: 180_000,
  });
});
