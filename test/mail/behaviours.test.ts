import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { tryOnMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { judged } from '../behaviours/judged.ts';
import { fillMailData, freeMailData } from '../support/fill-mail-data.ts';
import { modifyLdap } from '../support/ldap.ts';
import { lineWith, MailJudges, refusal } from '../support/mail-judges.ts';
import {
  arrived,
  closeMailLab,
  container,
  copies,
  domains,
  email,
  host,
  mailBundle,
  mailbox,
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
import { rspamc } from '../support/rspamc.ts';

/**
 * Mail as the programs see it that administrators test a mail server with, from a computer elsewhere. What they print goes to
 * docs/mail/behaviours.md.
 */
let judges: MailJudges;
let swaks = '';
const quotedTxt = (value: string) => (value.match(/.{1,255}/g) ?? []).map((part) => `"${part}"`).join(' ');
const txt = (name: string, value: string) => `${name}. TXT ${quotedTxt(value)}`;

before(async () => {
  await openMailLab('layer-mail-judges', 37);
  judges = new MailJudges(visitor);
  swaks = await judges.named('swaks');
  await judges.publish([
    ...Object.entries(records).map(([name, record]) => txt(name, record)),
    ...domains.flatMap((domain) => [
      txt(domain, `v=spf1 ip4:${server.ipv4} -all`),
      txt(`_dmarc.${domain}`, 'v=DMARC1; p=reject'),
    ]),
    txt(host, 'v=spf1 a -all'),
    `${host}. A ${server.ipv4}`,
    txt('elsewhere.example', `v=spf1 ip4:${visitor.ipv4} ip6:${visitor.ipv6} -all`),
    txt('_dmarc.elsewhere.example', 'v=DMARC1; p=reject'),
  ]);
});
after(closeMailLab);

/** Where it is, as swaks wants it. */
const places = (): [family: string, address: string][] => [
  ['-4', server.ipv4],
  ['-6', `[${server.ipv6}]`],
];
const toPort = (port: number, [family, address]: [string, string] = places()[0]!) => [
  ...[family, '--server', address, '--port', String(port)],
  port === 465 ? '-tlsc' : '-tls',
];
const asAda = ['--auth-user', 'ada', '--auth-password', passwords.ada];

test('1: swaks can not relay through it', async () => {
  const said: string[] = [];
  const outside = [
    'victim@victim.example',
    'victim%victim.example@cloud.example',
    '"victim@victim.example"@cloud.example',
    '@cloud.example:victim@victim.example',
    'victim!victim.example@cloud.example',
  ];
  for (const place of places())
    for (const from of [stranger, 'ada@cloud.example', '<>']) {
      const words = ['--from', from, '--to', outside.join(','), '--quit-after', 'RCPT'];
      const { code, text } = await judges.swaks(...toPort(25, place), ...words);
      assert.notEqual(code, 0, text);
      const answers = [...text.matchAll(/^ ?~> RCPT TO:(.*)\n<[~*]\*? +(\d{3} .*)$/gm)];
      assert.equal(answers.length, outside.length, text);
      for (const [, to = '', answer = ''] of answers) assert.match(answer, /^5\d\d /, `${from} to ${to}`);
      said.push(...answers.map(([, , answer = '']) => answer));
    }
  const accepted = ['--from', stranger, '--to', 'ada@cloud.example', '--quit-after', 'RCPT'];
  assert.equal((await judges.swaks(...toPort(25), ...accepted)).code, 0, 'so that a refusal means something');
  judged({ behaviour: '1', judge: swaks, said: `${said[0]} (${said.length} addresses, all refused)` });
});

test('1: from a container of another service nothing is relayed, by the server’s own address', async () => {
  const image = server.bundle('mail').release.images.IMAGE_UNBOUND!;
  const script = `exec 3<>/dev/tcp/${server.ipv4}/25; read -r -t 9 l <&3; echo "$l"
    for line in 'EHLO x' 'MAIL FROM:<ada@cloud.example>' 'RCPT TO:<victim@victim.example>'; do printf '%s\\r\\n' "$line" >&3; while read -r -t 9 l <&3; do echo "$l"; [[ $l == ???-* ]] || break; done; done`;
  const { stdout } = await onServer('docker', 'run', '--rm', '--entrypoint', 'bash', image, '-c', script);
  assert.match(stdout, /554 5\.7\.1 .*Relay access denied/);
});

test('2: the client’s own address is in the email and in the log, over IPv4 and IPv6', async () => {
  for (const [place, address] of [
    [places()[0]!, visitor.ipv4],
    [places()[1]!, `IPv6:${visitor.ipv6}`],
  ] as const) {
    const subject = `address ${address}`;
    const words = ['--from', stranger, '--to', 'ada@cloud.example', '--header', `Subject: ${subject}`];
    const { code, text } = await judges.swaks(...toPort(25, place), ...words);
    assert.equal(code, 0, text);
    const received = lineWith(await arrived('ada', subject), /visitor\.example/);
    assert.ok(received.includes(`[${address}]`), received);
    judged({ behaviour: '2', judge: swaks, said: received });
    const guess = ['--auth', 'PLAIN', '--auth-user', 'ada', '--auth-password', 'wrong'];
    await judges.swaks(...toPort(587, place), ...guess, '--quit-after', 'AUTH');
    const failed = `[${address.replace('IPv6:', '')}]: SASL PLAIN authentication failed`;
    await waitUntil('the failed login in the log', async () =>
      (await onServer('docker', 'logs', '--tail', '100', container('postfix'))).stdout.includes(failed),
    );
  }
});

test('3: no password before TLS, and none on port 25', async () => {
  const quiet = (tls: string[], port: number) =>
    judges.swaks('--server', server.ipv4, '--port', String(port), ...tls, '--quit-after', 'EHLO');
  for (const [tls, port] of [
    [[], 25],
    [['-tls'], 25],
    [[], 587],
  ] as const) {
    const { text } = await quiet([...tls], port);
    assert.match(text, /250[ -]/);
    assert.doesNotMatch(text, /AUTH/, `port ${port} ${tls}`);
  }
  assert.match((await quiet(['-tls'], 587)).text, /250-AUTH PLAIN LOGIN/);
  const open = await judges.swaks('--server', server.ipv4, '--port', '587', ...asAda, '--quit-after', 'AUTH');
  assert.notEqual(open.code, 0);
  judged({ behaviour: '3', judge: swaks, said: lineWith(open.text, /^\*\*\*/) });
});

test('4: TLS on 465, 587 and 993; nothing on 110 and 143', async () => {
  const openssl = await judges.named('openssl');
  const connect = (port: number, ...words: string[]) =>
    judges.run(
      ...['sh', '-c', 'echo | openssl s_client -brief "$@" 2>&1', 'openssl'],
      ...['-connect', `${server.ipv4}:${port}`, ...words],
    );
  for (const [port, words] of [
    [465, []],
    [587, ['-starttls', 'smtp']],
    [993, []],
  ] as const) {
    const { text } = await connect(port, ...words);
    assert.match(text, /Protocol version: TLSv1\.3/, `${port}: ${text}`);
    judged({ behaviour: '4a', judge: openssl, said: lineWith(text, /Protocol version/) });
  }
  for (const port of [110, 143]) {
    const { text } = await connect(port);
    assert.match(text, /Connection refused/i, text);
    judged({ behaviour: '4b', judge: openssl, said: `port ${port}: ${lineWith(text, /refused/i)}` });
  }
});

test('5: the app password logs in by PLAIN and LOGIN, and another does not', async () => {
  for (const way of ['PLAIN', 'LOGIN'])
    for (const port of [465, 587]) {
      const login = (password: string) => {
        const words = [
          '--auth',
          way,
          '--auth-user',
          'ada',
          '--auth-password',
          password,
          '--quit-after',
          'AUTH',
        ];
        return judges.swaks(...toPort(port), ...words);
      };
      const good = await login(passwords.ada);
      assert.equal(good.code, 0, good.text);
      const bad = await login(passwords.bob);
      assert.match(refusal(bad.text) ?? '', /^535 /, bad.text);
      judged({ behaviour: '5a', judge: swaks, said: `${lineWith(good.text, /235 /)}; ${refusal(bad.text)}` });
    }
});

test('7: a user sends with their own addresses only', async () => {
  const from = (address: string) =>
    judges.swaks(
      ...toPort(587),
      ...asAda,
      '--from',
      address,
      '--to',
      'bob@cloud.example',
      '--quit-after',
      'RCPT',
    );
  for (const own of ['ada@second.example', 'countess@second.example'])
    assert.equal((await from(own)).code, 0, own);
  const forged = await from('bob@cloud.example');
  assert.match(refusal(forged.text) ?? '', /^553 5\.7\.1 .*not owned by user/);
  judged({ behaviour: '7a', judge: swaks, said: refusal(forged.text) ?? '' });
});

test('8: email from outside in the name of its own domain goes to Junk', async () => {
  const { subject, message } = email({ from: 'bob@cloud.example' });
  const { data } = await toMx({ from: 'bob@cloud.example', to: ['ada@cloud.example'], message });
  assert.equal(data?.code, 250, data?.text);
  const text = await arrived('ada', subject);
  assert.match(text, /dmarc=fail/);
  const inbox = await visitor.imap({ host: server.ipv4, user: 'ada', password: passwords.ada });
  assert.ok(!inbox.messages?.some((each) => each.includes(subject)), text);
  judged({ behaviour: '8', judge: 'Python imaplib', said: `in Junk: ${lineWith(text, /dmarc=fail/)}` });
});

test('9: verdicts of SPF and DMARC are in the email, and one that came with it is removed', async () => {
  const { subject, message } = email();
  const forged = `Authentication-Results: ${host}; dkim=pass header.d=bank.example\r\n`;
  await toMx({ to: ['ada@cloud.example'], message: forged + message });
  const text = await arrived('ada', subject);
  assert.match(text, /spf=pass/);
  assert.match(text, /dmarc=pass/);
  assert.doesNotMatch(text, /bank\.example/);
  judged({ behaviour: '9', judge: 'Python imaplib', said: lineWith(text, /spf=pass/) });
});

test('10: what users send verifies with the published key, for dkimverify and opendkim-testkey', async () => {
  await judges.put('/tmp/opendkim.conf', 'Nameservers 127.0.0.1\n');
  for (const domain of domains) {
    const from = `ada@${domain}`;
    const { subject, message } = email({ from, to: stranger });
    assert.equal((await submit({ from, to: [stranger], message })).data?.code, 250);
    const sent = await waitUntil('the email at the other server', async () =>
      (await judges.deliveries()).find((each) => each.message.includes(subject)),
    );
    assert.match(sent.message, new RegExp(`d=${domain};`));
    await judges.put('/tmp/sent', sent.message);
    const verified = await judges.run('sh', '-c', 'dkimverify < /tmp/sent');
    assert.match(verified.text, /signature ok/);
    await judges.put('/tmp/changed', sent.message.replace('Hello', 'Goodbye'));
    assert.doesNotMatch((await judges.run('sh', '-c', 'dkimverify < /tmp/changed')).text, /signature ok/);
    judged({
      behaviour: '10',
      judge: await judges.named('python3-dkim'),
      said: `${domain}: ${verified.text}`,
    });
    const key = await judges.run(
      'opendkim-testkey',
      ...['-x', '/tmp/opendkim.conf', '-d', domain, '-s', '2026a', '-vvv'],
    );
    assert.match(key.text, /key not secure|key OK/);
    assert.equal(key.code, 0, key.text);
    judged({ behaviour: '10', judge: await judges.named('opendkim-tools'), said: key.text });
  }
});

test('11: a bounce passes SPF by the name of the server', async () => {
  const entry = 'dn: uid=gone,ou=users,dc=haven\nchangetype:';
  const person = 'objectClass: inetOrgPerson\nobjectClass: havenUser\nuid: gone\ncn: gone\nsn: gone\n';
  await modifyLdap(server.id, `${entry} add\n${person}`);
  const { message, subject } = email({ to: 'gone@cloud.example' });
  await onServer('docker', 'stop', container('dovecot'));
  try {
    const { data } = await toMx({ to: ['gone@cloud.example'], message });
    assert.equal(data?.code, 250, data?.text);
    await modifyLdap(server.id, `${entry} delete\n`);
  } finally {
    await onServer('docker', 'start', container('dovecot'));
  }
  const bounce = await waitUntil(
    'the bounce',
    async () => {
      await onServer('docker', 'exec', container('postfix'), 'postqueue', '-f');
      return (await judges.deliveries()).find(
        ({ from, message }) => from === '<>' && message.includes(subject),
      );
    },
    { timeoutMs: 120_000, everyMs: 2000 },
  );
  assert.equal(bounce.helo, host);
  assert.equal(bounce.peer, server.ipv4);
  const ask = 'import spf,sys; print(*spf.check2(i=sys.argv[1], s="", h=sys.argv[2]))';
  const said = (helo: string) => judges.run('python3', '-c', ask, bounce.peer, helo);
  const { text } = await said(bounce.helo);
  assert.match(text, /^pass /);
  assert.match((await said('elsewhere.example')).text, /^fail /);
  judged({ behaviour: '11', judge: await judges.named('python3-spf'), said: text });
});

test('14: a name, an alias and a tag are known, and nobody else', async () => {
  const to = (address: string) =>
    judges.swaks(...toPort(25), '--from', stranger, '--to', address, '--quit-after', 'RCPT');
  for (const known of ['ada@second.example', 'countess@second.example', 'ada+news@cloud.example'])
    assert.equal((await to(known)).code, 0, known);
  const unknown = await to('nobody@cloud.example');
  assert.match(refusal(unknown.text) ?? '', /^550 5\.1\.1 /);
  judged({ behaviour: '14a', judge: swaks, said: refusal(unknown.text) ?? '' });
});

test('15: a filter is uploaded over TLS by sieve-connect, and sorts email', async () => {
  await judges.put(
    '/tmp/filter.sieve',
    'require ["fileinto", "mailbox"];\nif header :contains "Subject" "sorted" { fileinto :create "Sorted"; }\n',
  );
  await judges.put('/tmp/password', passwords.ada);
  const { code, text } = await judges.run(
    'sh',
    '-c',
    `sieve-connect --server ${server.ipv4} --port 4190 --user ada --passwordfd 3 --nosslverify --upload --localsieve /tmp/filter.sieve --remotesieve filter 3< /tmp/password && sieve-connect --server ${server.ipv4} --port 4190 --user ada --passwordfd 3 --nosslverify --activate --remotesieve filter 3< /tmp/password && sieve-connect --server ${server.ipv4} --port 4190 --user ada --passwordfd 3 --nosslverify --list 3< /tmp/password`,
  );
  assert.equal(code, 0, text);
  assert.match(text, /"?filter"? ACTIVE/i);
  const { code: sent } = await judges.swaks(
    ...toPort(25),
    ...['--from', stranger, '--to', 'ada@cloud.example', '--header', 'Subject: sorted away'],
  );
  assert.equal(sent, 0);
  await waitUntil('it to be sorted', async () => {
    const at = { host: server.ipv4, user: 'ada', password: passwords.ada, folder: 'Sorted' };
    return (await visitor.imap(at).catch(() => ({ messages: [] }))).messages?.length === 1;
  });
  judged({ behaviour: '15a', judge: await judges.named('sieve-connect'), said: lineWith(text, /ACTIVE/i) });
});

test('16: what does not fit into a mailbox is refused before it is sent', async () => {
  const { rcpt } = await toMx({ to: ['bob@cloud.example'], size: 2_000_000 });
  assert.equal(rcpt?.code, 452);
  assert.equal((await toMx({ to: ['bob@cloud.example'], size: 1000 })).rcpt?.code, 250);
  judged({ behaviour: '16', judge: 'Python smtplib', said: `RCPT: ${rcpt?.code} ${rcpt?.text}` });
});

test('an email that names no size and does not fit waits, and arrives once there is space', async () => {
  const body = `${'x'.repeat(70)}\r\n`.repeat(20_000);
  const { subject, message } = email({ to: 'bob@cloud.example', body });
  assert.equal((await toMx({ to: ['bob@cloud.example'], message })).data?.code, 250);
  const inPostfix = async (...words: string[]) =>
    (await onServer('docker', 'exec', container('postfix'), ...words)).stdout;
  await waitUntil('it to wait', async () => /452 4\.2\.2/.test(await inPostfix('postqueue', '-p')));
  const quota = (mb: number) =>
    modifyLdap(
      server.id,
      `dn: uid=bob,ou=users,dc=haven\nchangetype: modify\nreplace: havenQuotaMb\nhavenQuotaMb: ${mb}\n`,
    );
  await quota(10);
  await inPostfix('postqueue', '-f');
  await arrived('bob', subject);
  await quota(1);
});

test('22: without Rspamd nothing is accepted', async () => {
  const ask = () =>
    judges.swaks(...toPort(25), '--from', stranger, '--to', 'ada@cloud.example', '--quit-after', 'RCPT');
  await onServer('docker', 'stop', container('rspamd'));
  try {
    const { text } = await ask();
    assert.match(refusal(text) ?? '', /^4\d\d /, text);
    judged({ behaviour: '22', judge: swaks, said: refusal(text) ?? '' });
  } finally {
    await onServer('docker', 'start', container('rspamd'));
  }
  await waitUntil('Rspamd', async () => (await ask()).code === 0, { timeoutMs: 180_000 });
});

test('23: what looks like the end of an email begins no second one', async () => {
  const ends = ['\n.\n', '\r.\r', '\n.\r\n', '\r\n.\n', '\r\n.\r', '\0\r\n.\r\n'.slice(0, 0)].filter(Boolean);
  for (const [index, end] of ends.entries()) {
    const { subject, message } = email();
    const smuggled = `smuggled ${index} ${process.pid}`;
    const second = [
      'MAIL FROM:<admin@victim.example>',
      'RCPT TO:<ada@cloud.example>',
      'DATA',
      `Subject: ${smuggled}`,
      '',
      'smuggled',
    ].join('\r\n');
    const dialogue = [
      'EHLO visitor.example',
      `MAIL FROM:<${stranger}>`,
      'RCPT TO:<ada@cloud.example>',
      'DATA',
    ];
    await judges.put(
      '/tmp/smuggle.json',
      JSON.stringify({ dialogue, data: `${message}${end}${second}\r\n.\r\n` }),
    );
    const script = `
import json, socket
order = json.load(open('/tmp/smuggle.json'))
s = socket.create_connection(('${server.ipv4}', 25), timeout=60); f = s.makefile('rb')
def answer():
    while (line := f.readline())[3:4] == b'-': pass
    return line.decode(errors='replace').strip()
said = [answer()]
for line in order['dialogue']:
    s.sendall(line.encode() + b'\\r\\n'); said.append(answer())
s.sendall(order['data'].encode()); said.append(answer())
s.sendall(b'QUIT\\r\\n'); said.append(answer())
print(' / '.join(said))`;
    const { text } = await judges.run('python3', '-c', script);
    assert.doesNotMatch(text, /Traceback/);
    const first = await arrived('ada', subject).catch(() => undefined);
    const found = (await mailbox('ada')).filter((each) =>
      new RegExp(`^Subject: ${smuggled}`, 'm').test(head(each)),
    );
    assert.deepEqual(found, [], `${JSON.stringify(end)}: ${text}`);
    assert.ok(first || /5\d\d |4\d\d /.test(text), text);
    judged({ behaviour: '23', judge: 'Python imaplib', said: text });
  }
});
const head = (message: string): string => message.split(/\r?\n\r?\n/)[0] ?? '';

test('24: commands that come with STARTTLS are not carried out', async () => {
  const bytes = Buffer.from(
    `EHLO x\r\nSTARTTLS\r\nMAIL FROM:<${stranger}>\r\nRCPT TO:<ada@cloud.example>\r\n`,
  );
  const script = `
import base64, socket, ssl
c = ssl.create_default_context(); c.check_hostname = False; c.verify_mode = ssl.CERT_NONE
s = socket.create_connection(('${server.ipv4}', 25), timeout=30); plain = b''
while b'220' not in plain: plain += s.recv(4096)
s.sendall(b'EHLO x\\r\\n'); plain += s.recv(4096)
s.sendall(base64.b64decode('${bytes.subarray('EHLO x\r\n'.length).toString('base64')}'))
s.settimeout(5); got = s.recv(4096); print(got.decode().strip())
if got.startswith(b'220'):
    t = c.wrap_socket(s); t.settimeout(3)
    try: print('after TLS:', t.recv(4096).decode().strip())
    except TimeoutError: print('after TLS: nothing')`;
  const { text } = await judges.run('python3', '-c', script);
  assert.doesNotMatch(text, /Traceback|250 2\.1/, text);
  assert.match(text, /554 5\.5\.0|after TLS: nothing/, text);
  judged({ behaviour: '24', judge: 'Python ssl', said: text });
});

test('27: testssl.sh finds only current protocols and ciphers', async () => {
  const judge = await judges.named('testssl.sh');
  // Port 25 may have older ciphers: what other servers would use without them is an email in the clear.
  for (const [port, words, levels] of [
    [465, [], ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL', 'FATAL']],
    [993, [], ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL', 'FATAL']],
    [25, ['-t', 'smtp'], ['MEDIUM', 'HIGH', 'CRITICAL', 'FATAL']],
  ] as const) {
    const options = [
      '--quiet',
      '--color',
      '0',
      '--warnings',
      'off',
      '--jsonfile',
      '/tmp/tls.json',
      '--overwrite',
    ];
    const { text } = await judges.run('testssl', ...options, '-p', '-s', ...words, `${server.ipv4}:${port}`);
    const found = JSON.parse((await judges.run('cat', '/tmp/tls.json')).text) as {
      id: string;
      severity: string;
      finding: string;
    }[];
    const weak = found.filter(({ severity }) => levels.some((level) => level === severity));
    assert.deepEqual(weak, [], text);
    const of = (id: string) => found.find((each) => each.id === id)?.finding;
    assert.match(of('TLS1_3') ?? '', /^offered/, text);
    for (const old of ['SSLv3', 'TLS1', 'TLS1_1']) assert.match(of(old) ?? '', /^not offered/, old);
    const all = ['TLS1_1', 'TLS1_2', 'TLS1_3', 'cipherlist_OBSOLETED', 'cipherlist_STRONG_FS'];
    judged({
      behaviour: '27',
      judge,
      said: `port ${port}: ${all.map((id) => `${id} ${of(id)}`).join('; ')}`,
    });
  }
});

test('29: what was learned, and the keys that sign, outlive the containers', async () => {
  const learned = async () => {
    const { stdout } = await onServer(...rspamc('stat'));
    return Number(/Total learns: (\d+)/.exec(stdout)?.[1] ?? assert.fail(stdout));
  };
  const words = Array.from({ length: 60 }, (_, index) => `lottery${index} winner${index}`).join(' ');
  const { message } = email({ body: words });
  const before = await learned();
  const taught = await tryOnMachine(server.id, rspamc('learn_spam'), { input: message });
  assert.match(taught.stdout, /success = true/, taught.stdout + taught.stderr);
  await waitUntil('it to be learned', async () => (await learned()) === before + 1);
  await onServer(
    'bash',
    '-c',
    'cd /srv/haven/services/mail/current && docker compose up -d --force-recreate --wait',
  );
  assert.equal(await waitUntil('Rspamd', learned, { timeoutMs: 60_000 }), before + 1);
  const { subject, message: signed } = email({ from: 'ada@cloud.example', to: stranger });
  let last = '';
  await waitUntil(
    'mail',
    async () => {
      const answers = await submit({ to: [stranger], message: signed });
      last = JSON.stringify(answers);
      return answers.data?.code === 250;
    },
    { timeoutMs: 60_000 },
  ).catch((error: Error) => assert.fail(`${error.message}: ${last}`));
  const sent = await waitUntil('the email', async () =>
    (await judges.deliveries()).find((each) => each.message.includes(subject)),
  );
  await judges.put('/tmp/sent', sent.message);
  assert.match((await judges.run('sh', '-c', 'dkimverify < /tmp/sent')).text, /signature ok/);
  const version = await onServer(
    'docker',
    'exec',
    container('rspamd'),
    'dpkg-query',
    '-W',
    '-f',
    '${Version}',
    'rspamd',
  );
  const total = `Total learns: ${before + 1}, before and after`;
  judged({ behaviour: '29', judge: `rspamc ${version.stdout}`, said: total });
});

test('30: with a full queue email is refused with 452, mailboxes can be read, and what waits is sent once there is space', async () => {
  const ask = () =>
    judges.swaks(...toPort(25), ...['--from', stranger, '--to', 'ada@cloud.example', '--timeout', '25']);
  assert.equal((await server.setQuotas(mailBundle(), { queue: 1 })).code, 0);
  const waiting = email({ from: 'ada@cloud.example', to: stranger });
  await judges.run('pkill', '-f', 'receive.py');
  assert.equal((await submit({ to: [stranger], message: waiting.message })).data?.code, 250);
  let said = '';
  try {
    said = await waitUntil(
      'email to be refused',
      async () => {
        const { code, text } = await ask();
        if (code === 0) await fillMailData('queue');
        const answer = refusal(text);
        return answer?.startsWith('452 4.3.1 ') ? answer : undefined;
      },
      { timeoutMs: 240_000 },
    );
    assert.equal((await submit({ to: [stranger] })).mail?.code, 452, 'users are told, too');
    assert.ok((await mailbox('ada')).length > 0, 'mailboxes can be read');
  } finally {
    await freeMailData('queue');
    await judges.run('sh', '-c', 'setsid receive.py > /dev/null 2>&1 &');
  }
  await waitUntil('email to be taken again', async () => (await ask()).code === 0, { timeoutMs: 180_000 });
  await waitUntil(
    'what waited to be sent',
    async () => {
      await onServer('docker', 'exec', container('postfix'), 'postqueue', '-f');
      return (await judges.deliveries()).some(({ message }) => message.includes(waiting.subject));
    },
    { timeoutMs: 90_000, everyMs: 2000 },
  );
  judged({ behaviour: '30', judge: swaks, said });
});

test('33: VRFY and EXPN tell nothing, and the announced size is what arrives', async () => {
  const answers = await visitor.smtp({
    ...{ host: server.ipv4, port: 25 },
    raw: [
      ['VRFY', 'ada@cloud.example'],
      ['EXPN', 'admins'],
    ],
  });
  for (const asked of ['VRFY ada@cloud.example', 'EXPN admins'])
    assert.match(String(answers[asked]?.code), /^50[02]$/, answers[asked]?.text);
  const limit = Number(/SIZE (\d+)/.exec(answers.ehlo?.text ?? '')?.[1] ?? assert.fail(answers.ehlo?.text));
  const { subject, message: text } = email({ body: '' });
  // An attachment, as large emails are: of so much plain text Rspamd's one worker reads for more than a minute.
  const message = text.replace(
    'Content-Type: text/plain; charset=utf-8',
    'Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64',
  );
  const line = `${'QUJD'.repeat(19)}\r\n`;
  // Headers that are added here count, too: verdicts and a seal.
  const body = line.repeat(Math.floor((limit - message.length) / line.length) - 60);
  const largest = await toMx({ to: ['ada@cloud.example'], message: message + body, size: limit });
  assert.equal(largest.data?.code, 250, JSON.stringify(largest.data ?? largest.rcpt ?? largest.mail));
  await waitUntil(
    'the largest email',
    async () => {
      const sizes = `find /srv/haven/services/mail/data/mailboxes -size +30M -type f -exec grep -lm1 "${subject}" {} +`;
      return (await tryOnMachine(server.id, ['bash', '-c', sizes])).stdout.includes('Maildir');
    },
    { timeoutMs: 120_000 },
  );
  const larger = await toMx({ to: ['ada@cloud.example'], size: limit + 1 });
  assert.equal(larger.mail?.code, 552);
  judged({
    behaviour: '33',
    judge: 'Python smtplib',
    said: `VRFY: 502; SIZE ${limit}: ${largest.data?.code}; MAIL SIZE=${limit + 1}: ${larger.mail?.code} ${larger.mail?.text}`,
  });
});

test('an email that Postfix delivers again, because it did not learn that Dovecot has it, is dropped', async () => {
  const { subject, message } = email();
  await toMx({ to: ['ada@cloud.example'], message });
  const first = await arrived('ada', subject);
  // As Postfix has it in its queue: what Dovecot added is the first Received line and what is above it.
  const queued = first.slice(first.indexOf('Received: from visitor.example'));
  const deliver = (text: string) =>
    tryOnMachine(server.id, ['docker', 'exec', '-i', container('postfix'), 'bash', '-c', lmtp], {
      input: `${text}.\r\n`,
    });
  const again = await deliver(queued);
  assert.match(again.stdout, /250 2\.0\.0 .*Saved/i, again.stdout + again.stderr);
  assert.equal((await copies('ada', subject)).length, 1);
  // Another email with the same Message-ID is another email.
  const other = queued.replace(/ESMTPS id \w+/, 'ESMTPS id 4another1other');
  assert.notEqual(other, queued);
  await deliver(other);
  await waitUntil('the other', async () => (await copies('ada', subject)).length === 2);
});

test('an email that could not be stored is not taken for a repeated one: it arrives once it can', async () => {
  const first = email();
  await toMx({ to: ['ada@cloud.example'], message: first.message });
  await arrived('ada', first.subject);
  const boxes = '/srv/haven/services/mail/data/mailboxes';
  const { stdout } = await onServer('grep', '-rlF', `Subject: ${first.subject}`, boxes);
  // Dovecot's caches have the subject, too.
  const drafts = /^(.*\/Maildir\/)(?:new|cur)\//m.exec(stdout)?.[1]?.concat('tmp') ?? '';
  assert.match(drafts, /Maildir\/tmp$/);
  const { subject, message } = email();
  const inPostfix = async (...words: string[]) =>
    (await onServer('docker', 'exec', container('postfix'), ...words)).stdout;
  await onServer('chmod', '000', drafts);
  try {
    assert.equal((await toMx({ to: ['ada@cloud.example'], message })).data?.code, 250);
    await waitUntil('the delivery to fail', async () => /451|452/.test(await inPostfix('postqueue', '-p')));
  } finally {
    await onServer('chmod', '700', drafts);
  }
  await inPostfix('postqueue', '-f');
  await arrived('ada', subject);
  assert.equal((await copies('ada', subject)).length, 1);
});

test('of a queue that came back from a backup, email to other servers is held, and what is for mailboxes arrives', async () => {
  const outside = email({ from: 'ada@cloud.example', to: stranger });
  const inside = email();
  await judges.run('pkill', '-f', 'receive.py');
  const { data } = await submit({ to: [stranger], message: outside.message });
  assert.equal(data?.code, 250, data?.text);
  await onServer('docker', 'stop', container('dovecot'));
  assert.equal((await toMx({ to: ['ada@cloud.example'], message: inside.message })).data?.code, 250);
  await judges.run('sh', '-c', 'setsid receive.py > /dev/null 2>&1 &');
  await onServer('touch', '/srv/haven/services/mail/data/queue/.recovered');
  await onServer('docker', 'restart', container('postfix'));
  await onServer('docker', 'start', container('dovecot'));
  await arrived('ada', inside.subject);
  const inPostfix = async (...words: string[]) =>
    (await onServer('docker', 'exec', container('postfix'), ...words)).stdout;
  await inPostfix('postqueue', '-f');
  // A queue id with "!" is on hold (postqueue(1)).
  assert.match(await inPostfix('postqueue', '-p'), /^\w+! /m);
  const sent = async () =>
    (await judges.deliveries()).filter(({ message }) => message.includes(outside.subject));
  assert.deepEqual(await sent(), []);
  await inPostfix('postsuper', '-H', 'ALL');
  await inPostfix('postqueue', '-f');
  await waitUntil('it to be sent once the owner says so', async () => (await sent()).length === 1, {
    timeoutMs: 90_000,
  });
});

/** LMTP (RFC 2033) by hand: the email comes on standard input. */
const lmtp = `exec 3<>/dev/tcp/172.30.25.4/24
answer() { while read -r -t 20 line <&3; do [[ $line == ???-* ]] || break; done; echo "$line"; }
answer
for each in 'LHLO mail.cloud.example' 'MAIL FROM:<${'friend@elsewhere.example'}>' 'RCPT TO:<ada@cloud.example>' DATA; do printf '%s\\r\\n' "$each" >&3; answer; done
cat >&3; answer
printf 'QUIT\\r\\n' >&3`;
