import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { dkimKeys } from '../../core/mail/dkim-key.ts';
import type { Bundle } from '../../core/release/release.ts';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { mailVisitorAddresses } from '../../sandbox/machine/network.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { LabServer, openLab } from './lab.ts';
import { modifyLdap } from './ldap.ts';
import { MailVisitor, type SmtpVisit } from './mail-visitor.ts';

export const host = 'mail.cloud.example';
export const domains = ['cloud.example', 'second.example'];
export const keys = Object.fromEntries(
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
export const records = Object.fromEntries(
  domains.map((domain) => [`2026a._domainkey.${domain}`, keys[domain]!.record]),
);
export const passwords = { ada: 'app-password-of-ada', bob: 'app-password-of-bob' };
/** Who the visitor is to this cloud's resolver, and to whom email goes out. */
export const stranger = 'friend@elsewhere.example';

/** Options of mail besides those that a lab needs, set before it opens. */
export const labOptions: Record<string, unknown> = {};

/** The server, and a computer elsewhere: there from {@link openMailLab} on. */
export let server: LabServer;
export let visitor: MailVisitor;

/** Mail, deployed by the agent on a server of this name, the `n`-th; with two users, Ada and Bob. `also`: services whose images it has. */
export async function openMailLab(id: string, n: number, also: string[] = []): Promise<void> {
  const lab = await openLab(['reverse-proxy', 'ldap', 'mail', ...also], { options: { mail: labOptions } });
  server = await LabServer.create(lab, id, n);
  visitor = await MailVisitor.start(id, mailVisitorAddresses(n));
  await server.makeCertificate(host);
  // In this order, as `haven up` has it: the reverse proxy is told of each service before it starts.
  for (const service of ['reverse-proxy', 'ldap']) {
    const { outcome, entries } = await server.apply(server.bundle(service));
    assert.equal(outcome, 'committed', JSON.stringify(entries));
  }
  const { outcome, entries } = await server.apply(mailBundle(), { given: dkimSecret() });
  assert.equal(outcome, 'committed', JSON.stringify(entries));
  await afterDeploy();
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
}

/**
 * Postfix loads its settings at the end of a maintenance, and once more when the agent next looks at certificates, within a minute. An
 * email that is just being delivered to another server then waits for the next run of the queue ("skipped, still being
 * delivered", qmgr(8)): a minute, which is longer than tests wait. So both are over before the first email.
 */
async function afterDeploy(): Promise<void> {
  const isHeld = ['docker', 'exec', container('postfix'), 'test', '-e', '/etc/postfix/held'];
  const isReleased = async () => (await tryOnMachine(server.id, isHeld)).code === 1;
  await waitUntil('the end of the maintenance of mail', isReleased);
  await server.agent(['recover']);
}

export async function closeMailLab(): Promise<void> {
  await visitor?.stop();
  await server?.remove();
}

export function mailBundle(version = '1', options: Record<string, unknown> = {}): Bundle {
  const all = { domains, resolver: visitor.ipv4, ...labOptions, ...options };
  const bundle = structuredClone(server.bundle('mail', all));
  bundle.release.variables.TEST = version;
  return bundle;
}
const dkimSecret = () => {
  const value = Object.fromEntries(
    domains.map((domain) => [domain, { selector: '2026a', privateKey: keys[domain]!.privateKey }]),
  );
  return [{ name: dkimKeys, generation: 1, value: JSON.stringify(value) }];
};

export const user = (name: string, more: string[]): string =>
  [
    `dn: uid=${name},ou=users,dc=haven`,
    'changetype: add',
    ...['inetOrgPerson', 'havenUser'].map((each) => `objectClass: ${each}`),
    ...[`uid: ${name}`, `cn: ${name}`, `sn: ${name}`],
    ...more,
    '',
  ].join('\n');
export const appPassword = (name: string, password: string): string =>
  `dn: uid=${name},ou=app-passwords,dc=haven\nchangetype: add\nobjectClass: havenAppAccount\nuid: ${name}\nuserPassword: ${password}\n`;

let number = 0;
/** An ordinary email, with a subject that no other has. */
export function email({ from = stranger, to = 'ada@cloud.example', body = 'Hello' } = {}): {
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

export const toMx = (more: Partial<SmtpVisit>) =>
  visitor.smtp({ host: server.ipv4, port: 25, tls: 'starttls', from: stranger, ...more });
export const submit = (more: Partial<SmtpVisit>) =>
  visitor.smtp({
    ...{ host: server.ipv4, port: 587, tls: 'starttls' },
    ...{ user: 'ada', password: passwords.ada, from: 'ada@cloud.example' },
    ...more,
  });

/** What is in a mailbox, in both folders that email arrives in. */
export async function mailbox(user: 'ada' | 'bob'): Promise<string[]> {
  const at = { host: server.ipv4, user, password: passwords[user] };
  const folders = await Promise.all(['INBOX', 'Junk'].map((folder) => visitor.imap({ ...at, folder })));
  return folders.flatMap(({ messages, refused }) => messages ?? assert.fail(refused));
}
/** The copies of an email that arrived. */
export const copies = async (user: 'ada' | 'bob', subject: string): Promise<string[]> =>
  (await mailbox(user)).filter((text) => text.includes(`Subject: ${subject}\r\n`));
export const arrived = (user: 'ada' | 'bob', subject: string): Promise<string> =>
  waitUntil(`"${subject}" in the mailbox of ${user}`, async () => (await copies(user, subject))[0], {
    timeoutMs: 60_000,
  });

export const container = (name: string) => `haven-mail-${name}-1`;
export const onServer = (...command: string[]) => onMachine(server.id, command);
