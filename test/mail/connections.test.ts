import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { loadCatalogue } from '../../services/catalogue.ts';
import { waitUntil } from '../../system/wait-until.ts';
import {
  closeMailLab,
  container,
  email,
  onServer,
  openMailLab,
  passwords,
  server,
  submit,
  toMx,
  visitor,
} from '../support/mail-lab.ts';
import { onVisitor } from '../support/mail-scripts.ts';
import { addMailUsers, passwordOf } from '../support/mail-users.ts';

/** Many connections at once, within the memory that Dovecot may have. */
const names = Array.from({ length: 20 }, (_, n) => `user${n}`);

before(async () => {
  await openMailLab('layer-mail-connections', 87);
  await addMailUsers(names);
});
after(closeMailLab);

/** Opens connections, which stay until the file /tmp/end exists. /tmp/open has how many are open. */
const prelude = `
import imaplib, json, os, socket, ssl, sys, time
order = json.loads(sys.argv[1])
unverified = ssl.create_default_context()
unverified.check_hostname = False
unverified.verify_mode = ssl.CERT_NONE
def stay(count):
    with open('/tmp/open.new', 'w') as file: file.write(str(count))
    os.rename('/tmp/open.new', '/tmp/open')
    while not os.path.exists('/tmp/end'): time.sleep(0.1)
`;
/** Mail programs that wait for email (IDLE, RFC 2177): which users were told of one, and whose connections have ended. */
const waitingScript = `${prelude}
programs = []
for name, password in order['users']:
    for _ in range(order['count'] // len(order['users'])):
        client = imaplib.IMAP4_SSL(order['host'], 993, ssl_context=unverified, timeout=30)
        client.login(name, password)
        client.select('INBOX')
        client.send(b'I1 IDLE\\r\\n')
        assert client.readline().startswith(b'+')
        programs.append((name, client))
stay(len(programs))
told, ended = [], []
for name, client in programs:
    try:
        client.send(b'DONE\\r\\n')
        while not (line := client.readline()).startswith(b'I1 OK'):
            if not line: raise ConnectionError
            if b' EXISTS' in line: told.append(name)
        client.logout()
    except OSError:
        ended.append(name)
print(json.dumps({'told': told, 'ended': ended}))
`;
/** Strangers who connect, begin TLS, and say nothing. */
const silentScript = `${prelude}
silent = []
for _ in range(order['count']):
    silent.append(unverified.wrap_socket(socket.create_connection((order['host'], 993), timeout=30)))
stay(len(silent))
print('{}')
`;
/** The same at the doors for email: how many were greeted at each. The others are told that they are too many, or only closed. */
const doorsScript = `${prelude}
silent, greeted = [], {25: 0, 465: 0, 587: 0}
for number in range(order['count']):
    port = (25, 465, 587)[number % 3]
    connection = socket.create_connection((order['host'], port), timeout=30)
    silent.append(connection)
    try:
        if port == 465: connection = unverified.wrap_socket(connection)
        silent.append(connection)
        greeted[port] += connection.recv(3) == b'220'
    except (ConnectionError, ssl.SSLError):
        pass
stay(order['count'])
print(json.dumps(greeted))
`;

/** Opens so many connections, and ends them after something was done meanwhile. Answers what the script prints. */
async function meanwhile<T = unknown>(
  script: string,
  { count, ...order }: { count: number } & Record<string, unknown>,
  work: () => Promise<void>,
): Promise<T> {
  await visitor.run(['rm', '-f', '/tmp/open', '/tmp/end']);
  const done = onVisitor<T>(script, { host: server.ipv4, count, ...order });
  const open = async () => {
    const { code, stdout } = await visitor.run(['cat', '/tmp/open']);
    return code === 0 ? Number(stdout) : undefined;
  };
  try {
    const isOpen = waitUntil('the connections to be open', open, { timeoutMs: 120_000 });
    assert.equal(await Promise.race([isOpen, done]), count);
    await work();
  } finally {
    await visitor.run(['touch', '/tmp/end']);
  }
  return done;
}

/** When a program started, how often Docker had to start it again, and whether it had too little memory. */
const state = async (program = 'dovecot'): Promise<string> =>
  (
    await onServer(
      ...['docker', 'inspect', '-f', '{{.State.StartedAt}} {{.RestartCount}} {{.State.OOMKilled}}'],
      container(program),
    )
  ).stdout;
/** How many processes of Dovecot have this name. */
const processes = async (name: string): Promise<number> =>
  (await onServer('docker', 'top', container('dovecot'), '-eo', 'pid,args')).stdout
    .split('\n')
    .filter((line) => line.trim().split(/\s+/)[1] === name).length;

test('a hundred mail programs that wait for email take a few processes, all are told of one, and end with their user', async () => {
  const before = await state();
  const users = names.map((name) => [name, passwordOf(name)]);
  const order = { count: 5 * users.length, users };
  const { told, ended } = await meanwhile<{ told: string[]; ended: string[] }>(
    waitingScript,
    order,
    async () => {
      const isWithout = async () => (await processes('dovecot/imap')) === 0;
      await waitUntil('no process for each of them', isWithout, { timeoutMs: 60_000 });
      assert.equal(await processes('dovecot/imap-login'), 1);
      const { definition } = (await loadCatalogue()).get('mail')!;
      const inDovecot = ['docker', 'exec', '-e', 'USER_NAME=user3', container('dovecot')];
      await onServer(...inDovecot, ...definition.userHooks!.disable!.command);
      // A new certificate, which ends no connection.
      const { reload = [] } = definition.needs!.hostCertificate!;
      for (const each of reload) await onServer('docker', 'exec', container(each.container), ...each.command);

      // By Ada, since what strangers send counts as spam in this lab.
      const { message } = email({ from: 'ada@cloud.example' });
      const to = names.map((name) => `${name}@cloud.example`);
      assert.equal((await submit({ to, message })).data?.code, 250);
      const areDelivered = async () => (await inInboxes()) === names.length;
      await waitUntil('the email in each INBOX', areDelivered, { timeoutMs: 60_000 });
      await waitUntil('no process for each of them again', isWithout, { timeoutMs: 90_000 });
    },
  );
  const five = (name: string) => Array.from({ length: 5 }, () => name);
  assert.deepEqual(ended, five('user3'));
  assert.deepEqual(told, names.filter((name) => name !== 'user3').flatMap(five));
  assert.equal(await state(), before);
});
/** How many emails are in all of them. */
const inInboxes = async (): Promise<number> => {
  const each = 'doveadm -c /etc/haven/dovecot.conf search -u $name mailbox INBOX all';
  const script = `for name in ${names.join(' ')}; do ${each}; done | wc -l`;
  return Number((await onServer('docker', 'exec', container('dovecot'), 'sh', '-c', script)).stdout);
};

test('a stranger who holds all connections that one client may have at each door for email keeps no user out', async () => {
  const before = await state('postfix');
  const greeted = await meanwhile(doorsScript, { count: 45, host: server.ipv6 }, async () => {
    const { message } = email({ from: 'ada@cloud.example', to: 'bob@cloud.example' });
    assert.equal((await submit({ to: ['bob@cloud.example'], message })).data?.code, 250);
    const other = await toMx({
      to: ['bob@cloud.example'],
      message: email({ to: 'bob@cloud.example' }).message,
    });
    assert.equal(other.data?.code, 250);
  });
  assert.deepEqual(greeted, { 25: 10, 465: 10, 587: 10 });
  assert.equal(await state('postfix'), before);
  const { stdout } = await onServer('docker', 'logs', container('postfix'));
  assert.doesNotMatch(stdout, /killed by signal|throttling/);
});

test('more than a thousand strangers who connect and say nothing keep no user out', async () => {
  const before = await state();
  await meanwhile(silentScript, { count: 1100 }, async () => {
    const { message } = email({ from: 'ada@cloud.example', to: 'bob@cloud.example' });
    assert.equal((await submit({ to: ['bob@cloud.example'], message })).data?.code, 250);
    const { messages, refused } = await visitor.imap({
      ...{ host: server.ipv4, user: 'ada', password: passwords.ada },
    });
    assert.ok(messages, refused);
  });
  assert.equal(await state(), before);
});
