import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitUntil } from '../../system/wait-until.ts';
import { judged } from '../behaviours/judged.ts';
import { fillMailData, freeMailData } from '../support/fill-mail-data.ts';
import {
  arrived,
  closeMailLab,
  container,
  copies,
  email,
  mailBundle,
  onServer,
  openMailLab,
  passwords,
  server,
  toMx,
  visitor,
} from '../support/mail-lab.ts';

/** All mailboxes together have no space left, not even for a small file. */
before(() => openMailLab('layer-mail-full', 43));
after(closeMailLab);

/** What a mail program does with the five emails in a folder, and what it is answered; by Python's imaplib. */
const program = `
import imaplib, json, ssl, sys
unverified = ssl.create_default_context()
unverified.check_hostname = False
unverified.verify_mode = ssl.CERT_NONE
host, user, password, folder = sys.argv[1:]
def login(folder):
    client = imaplib.IMAP4_SSL(host, 993, ssl_context=unverified, timeout=30)
    client.login(user, password)
    return client, int(client.select(folder)[1][0])
client, count = login(folder)
said = {'read': client.fetch('1', '(BODY[])')[0]}
said['delete'] = [client.store('2', '+FLAGS', r'(\\Deleted)')[0], client.expunge()[0]]
said['move'] = client.xatom('MOVE', '2', 'Trash')[0]
said['copy and delete'] = [client.copy('2', 'Trash')[0], client.store('2', '+FLAGS', r'(\\Deleted)')[0], client.expunge()[0]]
said['flag'] = client.store('2', '+FLAGS', r'(\\Flagged)')[0]
kind, why = client.append('Drafts', None, None, b'Subject: a draft\\r\\n\\r\\nHello\\r\\n')
said['append'] = f'{kind} {why[0].decode()}'
client.logout()
client, left = login(folder)
said['left'] = [count, left]
said['flags'] = [each.decode() for each in client.fetch('1:2', '(FLAGS)')[1]]
client.logout()
client, said['in Trash'] = login('Trash')
client.logout()
print(json.dumps(said))`;

const inPostfix = async (...words: string[]) =>
  (await onServer('docker', 'exec', container('postfix'), ...words)).stdout;
const rcpt = async () => (await toMx({ to: ['ada@cloud.example'] })).rcpt;
const usedUp = () =>
  waitUntil('email to be refused', async () => /^4\.3\.1 .*used up/.test((await rcpt())?.text ?? ''), {
    timeoutMs: 60_000,
    everyMs: 1000,
  });

test('with full mailboxes email is refused for now, users read, delete and move their emails, and what waited arrives once there is space', async () => {
  assert.equal((await server.setQuotas(mailBundle(), { mailboxes: 1 })).code, 0);
  for (let number = 0; number < 5; number++) {
    const { subject, message } = email();
    assert.equal((await toMx({ to: ['ada@cloud.example'], message })).data?.code, 250);
    await arrived('ada', subject);
  }
  const login = { host: server.ipv4, user: 'ada', password: passwords.ada };
  const junk = (await visitor.imap({ ...login, folder: 'Junk' })).messages?.length;
  const folder = junk === 5 ? 'Junk' : 'INBOX';
  const isKept = 'test "$(stat -c %s /srv/haven/services/mail/data/mailboxes/.reserve)" -gt 60000000';
  await waitUntil('the space that is kept', async () => onServer('bash', '-c', isKept), {
    timeoutMs: 60_000,
  });
  const connected = await visitor.hold(login);
  const waiting = email();
  try {
    await fillMailData('mailboxes');
    // It raises the limit once.
    await server.agent(['recover']);
    await fillMailData('mailboxes');
    await usedUp();
    const who = ['docker', 'exec', container('dovecot'), 'doveadm', '-c', '/etc/haven/dovecot.conf', 'who'];
    await waitUntil(
      'connections with the settings from before to end',
      async () => !/^ada\b/m.test((await onServer(...who)).stdout),
    );
    assert.equal(await connected(), 'disconnected');

    // Accepted while Dovecot can't be asked; and its start finds the space used up.
    await onServer('docker', 'stop', container('dovecot'));
    const { data } = await toMx({ to: ['ada@cloud.example'], message: waiting.message });
    assert.equal(data?.code, 250, data?.text);
    await onServer('docker', 'start', container('dovecot'));
    await usedUp();

    const { stdout, stderr } = await visitor.run(
      ['python3', '-c', program, ...Object.values(login), folder],
      { timeoutMs: 120_000 },
    );
    assert.equal(stderr, '');
    const said = JSON.parse(stdout);
    for (const what of ['read', 'delete', 'move', 'copy and delete', 'flag'])
      assert.match(String(said[what]), /^OK(,OK)*$/, `${what}: ${stdout}`);
    assert.match(said.append, /^NO \[OVERQUOTA\] The space for mailboxes is used up/);
    assert.deepEqual(said.left, [5, 2], stdout);
    assert.match(said.flags[0], /\\Seen/);
    assert.match(said.flags[1], /\\Flagged/);
    assert.equal(said['in Trash'], 2);
    judged({
      behaviour: '30',
      judge: 'Python smtplib and imaplib',
      said: `RCPT: ${(await rcpt())?.code} ${(await rcpt())?.text}; read: ${said.read}, delete: ${said.delete[1]}, move: ${said.move}`,
    });
    await inPostfix('postqueue', '-f');
    await waitUntil('the reason in the queue', async () =>
      /used up/.test(await inPostfix('postqueue', '-p')),
    );
  } finally {
    await freeMailData('mailboxes');
  }
  await waitUntil('email to be taken again', async () => (await rcpt())?.code === 250, {
    timeoutMs: 60_000,
    everyMs: 1000,
  });
  await waitUntil(
    'what waited',
    async () => {
      await inPostfix('postqueue', '-f');
      return (await copies('ada', waiting.subject)).length === 1;
    },
    { timeoutMs: 120_000, everyMs: 3000 },
  );
  await onServer('bash', '-c', isKept);
});
