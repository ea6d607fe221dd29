import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createTransport, type Transporter } from 'nodemailer';
import { relayPassword } from '../../core/config/mail-sending.ts';
import type { WayMemory } from '../../core/mail/choose-way.ts';
import { dkimKeys } from '../../core/mail/dkim-key.ts';
import type { Bundle } from '../../core/release/release.ts';
import { registerDomain, startForeignMail, stopForeignMail } from '../../sandbox/control.ts';
import { renderDataCentreFirewall } from '../../sandbox/data-centre/firewall.ts';
import { removeFirewall } from '../../sandbox/data-centre/machine-data-centre.ts';
import type { MailPorts } from '../../sandbox/emulators/hetzner/project/faults.ts';
import { foreignMailTasks } from '../../sandbox/internet/foreign-mail/image.ts';
import { emptyMailbox, receivedEmails } from '../../sandbox/internet/foreign-mail/server.ts';
import {
  relayAccount,
  relayDomain,
  relayHost,
  relayRecords,
  relaySpfMechanism,
} from '../../sandbox/internet/mail-relay/names.ts';
import { startMailRelay, stopMailRelay } from '../../sandbox/internet/mail-relay/server.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { serverAddresses } from '../../sandbox/machine/network.ts';
import { run } from '../../system/run.ts';
import { openInternet } from './internet.ts';
import { LabServer, openLab } from './lab.ts';
import { modifyLdap } from './ldap.ts';

/**
 * Mail on a server whose provider may block port 25, a relay, and the mail server of another company, where what was sent is
 * judged by SPF, DKIM and DMARC. There from {@link openRelayLab} on.
 */
export const domain = 'relay-layer.test';
const host = 'mail.cloud.example';
const password = 'app-password-of-ada';
export const relay = { host: relayHost, user: relayAccount.user, spf: relaySpfMechanism };

export let server: LabServer;
let number = 0;
let close: () => Promise<void> = async () => undefined;
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

export async function openRelayLab(id: string, n: number): Promise<void> {
  const lab = await openLab(['reverse-proxy', 'ldap', 'mail'], { also: foreignMailTasks });
  close = await openInternet(lab, 'mail');
  await startForeignMail();
  emptyMailbox();
  await registerDomain(relayDomain, relayRecords);
  await startMailRelay();
  number = n;
  const { ipv4, ipv6 } = serverAddresses(n);
  const key = String(publicKey.export({ type: 'spki', format: 'der' }).toString('base64'));
  await registerDomain(domain, [
    { type: 'A', name: 'mail', content: ipv4, ttl: 60 },
    // Email leaves over both.
    { type: 'AAAA', name: 'mail', content: ipv6, ttl: 60 },
    { type: 'MX', name: '@', content: `mail.${domain}`, priority: 10, ttl: 60 },
    // As a plan with this relay publishes it: for both ways, all the time.
    { type: 'TXT', name: '@', content: `v=spf1 mx ${relaySpfMechanism} -all`, ttl: 60 },
    { type: 'TXT', name: '2026a._domainkey', content: `v=DKIM1; k=rsa; h=sha256; p=${key}`, ttl: 60 },
    { type: 'TXT', name: '_dmarc', content: 'v=DMARC1; p=reject; aspf=s; adkim=s', ttl: 60 },
  ]);
  server = await LabServer.create(lab, id, n);
  await server.makeCertificate(host);
  for (const service of ['reverse-proxy', 'ldap'])
    assert.equal((await server.apply(server.bundle(service))).outcome, 'committed');
}

/** Ada, who can log in once mail was deployed. */
export const addAda = (): Promise<void> =>
  modifyLdap(
    server.id,
    [
      'dn: uid=ada,ou=users,dc=haven\nchangetype: add\nobjectClass: inetOrgPerson\nobjectClass: havenUser\nuid: ada\ncn: ada\nsn: ada\n',
      `dn: uid=ada,ou=app-passwords,dc=haven\nchangetype: add\nobjectClass: havenAppAccount\nuid: ada\nuserPassword: ${password}\n`,
    ].join('\n'),
  );

export async function closeRelayLab(): Promise<void> {
  await server?.remove();
  await removeFirewall();
  await stopMailRelay();
  await stopForeignMail();
  await close();
}

/** The release of mail with these options; without a relay, email only goes directly. */
export const relayBundle = (options: Record<string, unknown> = {}): Bundle =>
  server.bundle('mail', { domains: [domain], ...options });

let generation = 0;
/** Deploys mail, with this password for the relay. A new one is a new generation, as after `haven secret set`. */
export async function deployMail(
  options: Record<string, unknown> = {},
  atRelay = relayAccount.password,
): Promise<void> {
  const bundle = relayBundle(options);
  const secret = bundle.release.secrets[relayPassword];
  generation += 1;
  if (secret) secret.generation = generation;
  const dkim = {
    [domain]: { selector: '2026a', privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) },
  };
  const { outcome, entries } = await server.apply(bundle, {
    given: [
      { name: dkimKeys, generation: 1, value: JSON.stringify(dkim) },
      ...(secret ? [{ name: relayPassword, generation, value: atRelay }] : []),
    ],
  });
  assert.equal(outcome, 'committed', JSON.stringify(entries));
}

/** What the provider does with outgoing mail of the server. */
export async function setPort25(ports: MailPorts): Promise<void> {
  const { ipv4, ipv6Network } = serverAddresses(number);
  const guarded = [{ ipv4, ipv6: ipv6Network, rules: undefined }];
  await run('nft', ['-f', '-'], { input: renderDataCentreFirewall(guarded, { ipv4: ports, ipv6: ports }) });
}

/** Has the server try everything now, which it does daily. */
export const tryNow = async (): Promise<WayMemory> => (await server.agent(['mail-way', 'all'])) as WayMemory;

/** Connections of Ada's mail program. */
export const mailProgram = (connections = 1): Transporter =>
  createTransport({
    ...{ host: server.ipv4, port: 587, requireTLS: true, pool: true, maxConnections: connections },
    auth: { user: 'ada', pass: password },
    tls: { rejectUnauthorized: false },
    connectionTimeout: 20_000,
    greetingTimeout: 20_000,
    socketTimeout: 60_000,
  });

/** One email of Ada's, with a subject that no other has. Throws what her server says if it refuses it. */
export async function send(program: Transporter, subject: string): Promise<void> {
  const from = `ada@${domain}`;
  await program.sendMail({ from, to: 'inbox@freemail.test', subject, text: `Hello, this is ${subject}.` });
}

/** An email that has arrived, judged by the other company's verifiers. */
export interface JudgedEmail {
  subject: string;
  /** `pass` for each, if all is well. */
  spf: string;
  dkim: string;
  dmarc: string;
  way: 'direct' | 'relay';
}

/** The same, with a program of its own. */
export async function sendOne(subject: string): Promise<void> {
  const program = mailProgram();
  try {
    await send(program, subject);
  } finally {
    program.close();
  }
}

/** All that have arrived. */
export const judgedEmails = (): JudgedEmail[] =>
  receivedEmails().map(({ raw }) => {
    const [head = ''] = raw.split(/\r?\n\r?\n/);
    const lines = head.replaceAll(/\r?\n[ \t]+/g, ' ').split('\n');
    const results = lines.filter((line) => line.startsWith('Authentication-Results: mx.freemail.test;'));
    const verdict = (what: string) =>
      results.map((line) => new RegExp(`\\b${what}=(\\w+)`).exec(line)?.[1]).find(Boolean) ?? 'none';
    return {
      subject: lines.find((line) => line.startsWith('Subject: '))?.slice('Subject: '.length) ?? '',
      ...{ spf: verdict('spf'), dkim: verdict('dkim'), dmarc: verdict('dmarc') },
      way: lines.some((line) => line.startsWith('Received: ') && line.includes(`by ${relayHost} `))
        ? 'relay'
        : 'direct',
    };
  });

/** What waits on the server, as Postfix lists it. */
export const waitingEmails = async (): Promise<string> =>
  (await onMachine(server.id, ['docker', 'exec', 'haven-mail-postfix-1', 'postqueue', '-p'])).stdout;
