import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createTransport } from 'nodemailer';
import { linkIn } from './invitation.ts';
import { type Mailbox, openMailbox } from './mailbox.ts';

const link = (host: string): string =>
  `https://${host}/realms/haven/login-actions/action-token?key=eyJh.eyJl-_x.abc`;
const right = { to: 'ada@example.org', text: `Click here: ${link('login.example.org')}` };

/** A mailbox for an invitation of Ada, whose login comes from 127.0.0.1, and what it refuses. */
async function openOne(context: TestContext, timeoutMs = 20_000) {
  const refused: string[] = [];
  const mailbox = await openMailbox({
    address: '127.0.0.1',
    peer: '127.0.0.1',
    to: 'ada@example.org',
    linkIn: (message) => linkIn(message, 'login.example.org'),
    timeoutMs,
    log: (why) => refused.push(why),
  });
  context.after(() => mailbox.close());
  return { mailbox, refused };
}

/** Sends as Keycloak does, except for what is named. */
async function send(
  { smtpServer }: Mailbox,
  {
    to,
    text,
    password = smtpServer.password,
    localAddress = '127.0.0.1',
  }: typeof right & {
    password?: string | null | undefined;
    localAddress?: string;
  },
): Promise<void> {
  const { host = '', port, user = '' } = smtpServer;
  const auth = password ? { auth: { user, pass: password } } : {};
  const transport = createTransport({ host, port: Number(port), localAddress, ignoreTLS: true, ...auth });
  try {
    await transport.sendMail({ from: 'login@example.org', to, text });
  } finally {
    transport.close();
  }
}

const isWaiting = async ({ link }: Mailbox): Promise<boolean> =>
  Promise.race([link.then(() => false), new Promise<boolean>((resolve) => setTimeout(resolve, 20, true))]);

test("takes the login's email, and gives its link", async (context) => {
  const { mailbox, refused } = await openOne(context);
  await send(mailbox, right);
  assert.equal(await mailbox.link, link('login.example.org'));
  assert.deepEqual(refused, []);
});

const foreign: [what: string, sent: Partial<Parameters<typeof send>[1]>, log: RegExp][] = [
  ['from another container', { localAddress: '127.0.0.2' }, /^127\.0\.0\.2: not the container of the login$/],
  ['without a password', { password: null }, /127\.0\.0\.1: no password/],
  ['with another password', { password: 'a guess' }, /not the password of this session/],
  ['to another recipient', { to: 'eve@example.org' }, /an email to eve@example\.org/],
  ['with a link to another host', { text: link('evil.example') }, /without a link to the login/],
  [
    'with a link to a host whose name begins like the right one',
    { text: link('login.example.org.evil.example') },
    /without a link to the login/,
  ],
  ['with a link behind a user name', { text: link('login.example.org@evil.example') }, /without a link/],
];
for (const [what, sent, log] of foreign)
  test(`refuses and logs an email ${what}, and still takes the login's`, async (context) => {
    const { mailbox, refused } = await openOne(context);
    await assert.rejects(send(mailbox, { ...right, ...sent }));
    assert.ok(await isWaiting(mailbox));
    assert.match(refused.join('; '), log);
    await send(mailbox, right);
    assert.equal(await mailbox.link, link('login.example.org'));
  });

test('each mailbox has a password of its own', async (context) => {
  const [one, other] = [await openOne(context), await openOne(context)];
  assert.notEqual(one.mailbox.smtpServer.password, other.mailbox.smtpServer.password);
});

test('says so when the email does not come in time', async (context) => {
  const { mailbox } = await openOne(context, 30);
  await assert.rejects(
    mailbox.link,
    /did not send the expected email within 0\.03 s\. Run: haven logs keycloak/,
  );
});
