import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { createTransport } from 'nodemailer';
import { registerDomain, startForeignMail, stopForeignMail } from '../../sandbox/control.ts';
import { renderDataCentreFirewall } from '../../sandbox/data-centre/firewall.ts';
import { removeFirewall } from '../../sandbox/data-centre/machine-data-centre.ts';
import { dsOf, renderDs } from '../../sandbox/dnssec/zone-key.ts';
import type { MailPorts } from '../../sandbox/emulators/hetzner/project/faults.ts';
import { foreignMailTasks } from '../../sandbox/internet/foreign-mail/image.ts';
import { dkimContent, loadMailKeys, tlsaContent } from '../../sandbox/internet/foreign-mail/keys.ts';
import { echoAddress } from '../../sandbox/internet/foreign-mail/names.ts';
import {
  emptyMailbox,
  foreignMailContainer,
  foreignMailLog,
  receivedEmails,
  sendFromForeignMail,
} from '../../sandbox/internet/foreign-mail/server.ts';
import { dig } from '../../sandbox/internet/internet.ts';
import { docker, tryDocker } from '../../sandbox/machine/docker.ts';
import { createMachine, removeMachine, startMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { network, serverAddresses } from '../../sandbox/machine/network.ts';
import { run } from '../../system/run.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { askZone, secureZone } from '../support/cloudflare-zone.ts';
import { openInternet } from '../support/internet.ts';
import { type Lab, openLab } from '../support/lab.ts';
import { MailPeer } from '../support/mail-peer.ts';
import { scratch } from '../support/scratch.ts';

/**
 * The mail server of another company, with which mail of a cloud is judged: it verifies SPF, DKIM and DMARC, and delivers with
 * DANE. The other side is a domain whose mail server is this machine.
 */
const office = 'office-layer.test';
/** A domain that no server may send for, so that its signature alone decides. */
const unsent = 'unsent-layer.test';
const host = `mx.${office}`;
const machine = 'layer-mail-internet';
const folder = scratch('mail-internet');
const { dkim } = loadMailKeys(folder);
let lab: Lab;
let peer: MailPeer;
let close: () => Promise<void> = async () => undefined;

before(async () => {
  lab = await openLab([], { also: foreignMailTasks });
  close = await openInternet(lab, 'mail');
  await startForeignMail();
  peer = await MailPeer.open(host, folder);
  const senders = `v=spf1 ip4:${network.hostIpv4} ip6:${network.hostIpv6} -all`;
  const signed = (spf: string) => [
    { type: 'TXT', name: '@', content: spf, ttl: 60 },
    { type: 'TXT', name: 'key._domainkey', content: dkimContent(dkim), ttl: 60 },
    { type: 'TXT', name: '_dmarc', content: 'v=DMARC1; p=reject', ttl: 60 },
  ];
  await registerDomain(office, [
    ...signed(senders),
    { type: 'MX', name: '@', content: host, priority: 10, ttl: 60 },
    { type: 'A', name: 'mx', content: network.hostIpv4, ttl: 60 },
  ]);
  await registerDomain(unsent, signed('v=spf1 -all'));
  await secureZone(office);
});
beforeEach(() => emptyMailbox());
after(async () => {
  await removeMachine(machine);
  await removeFirewall();
  await peer?.close();
  await stopForeignMail();
  await close();
});

/** Sends an email to the foreign server as a mail server of another domain would; answers with what it refuses it with. */
async function send({
  from,
  to = 'inbox@freemail.test',
  privateKey,
  over = 'ipv4',
  subject = 'Hello',
  headers = {},
}: {
  from: string;
  to?: string;
  /** Signs the email, for the domain that it is from. */
  privateKey?: string;
  over?: 'ipv4' | 'ipv6';
  subject?: string;
  headers?: Record<string, string>;
}): Promise<string | undefined> {
  const [local, remote] =
    over === 'ipv4' ? [network.hostIpv4, network.mailIpv4] : [network.hostIpv6, network.mailIpv6];
  const domainName = from.split('@')[1] ?? '';
  const signature = privateKey ? { dkim: { domainName, keySelector: 'key', privateKey } } : {};
  const way = { host: remote, port: 25, localAddress: local, name: host, tls: { rejectUnauthorized: false } };
  try {
    await createTransport({ ...way, ...signature }).sendMail({ from, to, subject, headers, text: 'Hello.' });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What the foreign server's verifiers wrote into the one email that has arrived: `{spf: 'pass', …}`. */
async function verdicts(): Promise<Record<string, string>> {
  const { raw } = await waitUntil('the email to arrive', async () => receivedEmails()[0]);
  const [head = ''] = raw.split(/\r?\n\r?\n/);
  const lines = head.replaceAll(/\r?\n[ \t]+/g, ' ').split('\n');
  const results = lines.filter((line) => line.startsWith('Authentication-Results: mx.freemail.test;'));
  return Object.fromEntries(
    results.flatMap((line) =>
      [...line.matchAll(/\b(spf|dkim|dmarc)=(\w+)/g)].map((match) => [match[1] ?? '', match[2] ?? '']),
    ),
  );
}

test('the foreign server is published as a strict company publishes it, and its addresses point back', async () => {
  assert.equal(await dig('MX', 'freemail.test'), '10 mx.freemail.test.');
  assert.equal(await dig('-x', network.mailIpv4), 'mx.freemail.test.');
  assert.equal(await dig('-x', network.mailIpv6), 'mx.freemail.test.');
});

for (const over of ['ipv4', 'ipv6'] as const)
  test(`an email from a server of its domain, with its signature, passes all checks over ${over}`, async () => {
    assert.equal(await send({ from: `ada@${office}`, privateKey: dkim, over }), undefined);
    assert.deepEqual(await verdicts(), { spf: 'pass', dkim: 'pass', dmarc: 'pass' });
    assert.equal(receivedEmails()[0]?.to, 'inbox@freemail.test');
  });

test('without a signature SPF alone carries it', async () => {
  assert.equal(await send({ from: `ada@${office}` }), undefined);
  assert.deepEqual(await verdicts(), { spf: 'pass', dkim: 'none', dmarc: 'pass' });
});

test('from a server that may not send for its domain the signature alone carries it', async () => {
  assert.equal(await send({ from: `ada@${unsent}`, privateKey: dkim }), undefined);
  assert.deepEqual(await verdicts(), { spf: 'fail', dkim: 'pass', dmarc: 'pass' });
});

test('with neither, or with a signature of another key, it is refused by DMARC', async () => {
  assert.match((await send({ from: `ada@${unsent}` })) ?? '', /550 5\.7\.1 rejected by DMARC policy/);
  const { dkim: otherKey } = loadMailKeys(scratch('mail-internet-other'));
  const refusal = await send({ from: `ada@${unsent}`, privateKey: otherKey });
  assert.match(refusal ?? '', /550 5\.7\.1 rejected by DMARC policy/);
  assert.match((await send({ from: 'inbox@freemail.test' })) ?? '', /550 5\.7\.1 rejected by DMARC policy/);
  assert.deepEqual(receivedEmails(), []);
});

test('an address that does not exist is refused, and others are not relayed', async () => {
  const from = `ada@${office}`;
  assert.match((await send({ from, to: 'unknown@freemail.test' })) ?? '', /550 5\.1\.1/);
  assert.match((await send({ from, to: `ada@${unsent}` })) ?? '', /554 5\.7\.1/);
});

/** Publishes the peer's TLSA record, or removes it. */
async function publishTlsa(content: string | undefined): Promise<void> {
  const name = `_25._tcp.${host}`;
  const old = await askZone<{ id: string }[]>(office, 'GET', `/dns_records?type=TLSA&name=${name}`);
  for (const { id } of old) await askZone(office, 'DELETE', `/dns_records/${id}`);
  if (content === undefined) return;
  const certificate = content.split(' ')[3];
  const data = { usage: 3, selector: 1, matching_type: 1, certificate };
  await askZone(office, 'POST', '/dns_records', { type: 'TLSA', name, data, ttl: 60 });
}

/** Sends an email from the foreign server to the peer; its subject is how it is found again. */
async function sendToPeer(subject: string): Promise<void> {
  const head = `From: inbox@freemail.test\nTo: ada@${office}\nSubject: ${subject}\nMessage-ID: <${subject}@freemail.test>`;
  const date = new Date().toUTCString().replace('GMT', '+0000');
  await sendFromForeignMail('inbox@freemail.test', `ada@${office}`, `${head}\nDate: ${date}\n\nHello.\n`);
}

/** What Postfix wrote about an email: its lines, and those about the connections since it was taken. */
async function logOf(subject: string): Promise<string> {
  const log = await foreignMailLog();
  return log.slice(log.indexOf(`message-id=<${subject}@`));
}

const arrival = (subject: string) =>
  waitUntil(`${subject} to arrive`, async () => peer.emails.find((each) => each.includes(subject)));

test('the foreign server delivers over a verified connection where a TLSA record fits, with its signature', async () => {
  await publishTlsa(tlsaContent(peer.key));
  await sendToPeer('fits');
  const email = await arrival('fits');
  assert.match(await logOf('fits'), /Verified TLS connection established to mx\.office-layer\.test/);
  const { stdout } = await docker(['exec', '-i', foreignMailContainer, 'dkimverify'], { input: email });
  assert.match(stdout, /signature ok/);
  const changed = email.replace('Hello.', 'Hallo.');
  const refused = await tryDocker(['exec', '-i', foreignMailContainer, 'dkimverify'], { input: changed });
  assert.notEqual(refused.code, 0, 'a changed body is noticed');
});

test('with a TLSA record of another key it keeps the email until the record fits', async () => {
  await publishTlsa(`3 1 1 ${'0'.repeat(64)}`);
  await sendToPeer('wrong');
  await waitUntil('the email to be deferred', async () =>
    /status=deferred \(Server certificate not verified\)/.test(await logOf('wrong')),
  );
  assert.ok(!peer.emails.some((each) => each.includes('wrong')));
  await publishTlsa(tlsaContent(peer.key));
  await arrival('wrong');
});

test('without a TLSA record it delivers over a connection that is encrypted and not verified', async () => {
  await publishTlsa(undefined);
  await sendToPeer('none');
  await arrival('none');
  assert.match(await logOf('none'), /Untrusted TLS connection established to mx\.office-layer\.test/);
});

test('echo answers with how it judged an email, in its own name, and never answers a machine', async () => {
  const email = { from: `ada@${office}`, to: echoAddress, privateKey: dkim };
  const automatic = { ...email, subject: 'Away', headers: { 'Auto-Submitted': 'auto-replied' } };
  assert.equal(await send(automatic), undefined);
  assert.equal(await send({ ...email, subject: 'Judge me' }), undefined);
  const answer = await arrival('Re: Judge me');
  for (const verdict of ['SPF', 'DKIM', 'DMARC'])
    assert.match(answer, new RegExp(`^ +${verdict} +pass `, 'm'), verdict);
  assert.match(answer, /^It came by TLSv1\.3\.\r?$/m);
  const { stdout } = await docker(['exec', '-i', foreignMailContainer, 'dkimverify'], { input: answer });
  assert.match(stdout, /signature ok/);
  const handled = (await foreignMailLog()).match(/to=<echo@freemail\.test>.*delivered via echo service/g);
  assert.equal(handled?.length, 2);
  assert.ok(!peer.emails.some((each) => each.includes('Re: Away')));
});

test('its own TLSA record fits its key, until a test orders otherwise', async () => {
  const finger = async () => {
    const asked = await tryDocker([
      ...['exec', foreignMailContainer, 'posttls-finger', '-c', '-l', 'dane', 'freemail.test'],
    ]);
    return asked.stdout + asked.stderr;
  };
  assert.match(await finger(), /Verified TLS connection established/);
  await startForeignMail({ tlsa: 'wrong' });
  assert.match(await finger(), /no matching DANE TLSA records/);
  await startForeignMail({ tlsa: 'none' });
  assert.equal(await dig('TLSA', '_25._tcp.mx.freemail.test'), '');
  await startForeignMail();
  assert.match(await finger(), /Verified TLS connection established/);
});

test('the data centre blocks or slows the ports for mail of a server, for one family of addresses', async () => {
  const { ipv4, ipv6, ipv6Network } = serverAddresses(36);
  await removeMachine(machine);
  await createMachine({ id: machine, hostname: machine, image: lab.machineImage, ipv4, ipv6 });
  await startMachine(machine);
  const enforce = (mail: Record<'ipv4' | 'ipv6', MailPorts>) =>
    run('nft', ['-f', '-'], {
      input: renderDataCentreFirewall([{ ipv4, ipv6: ipv6Network, rules: undefined }], mail),
    });
  /** Eight commands over SMTP: how long they took, or `timeout` where no connection came about. */
  const talk = async (address: string) => {
    const noop = 'for n in 1 2 3 4 5 6 7 8; do echo NOOP >&3; read -t 9 line <&3 || exit 1; done';
    const script = `exec 3<>/dev/tcp/${address}/25 && read -t 9 line <&3 && ${noop}; echo QUIT >&3`;
    const began = Date.now();
    const { code } = await tryOnMachine(machine, ['timeout', '10', 'bash', '-c', script]);
    return code === 0 ? Date.now() - began : code === 124 ? 'timeout' : `status ${code}`;
  };
  const isQuick = (took: number | string) => typeof took === 'number' && took < 1500;

  await enforce({ ipv4: 'open', ipv6: 'open' });
  const open = [await talk(network.mailIpv4), await talk(network.mailIpv6)];
  assert.ok(open.every(isQuick), String(open));
  await enforce({ ipv4: 'blocked', ipv6: 'open' });
  const blocked = [await talk(network.mailIpv4), await talk(network.mailIpv6)];
  assert.ok(blocked[0] === 'timeout' && isQuick(blocked[1] ?? ''), String(blocked));
  await enforce({ ipv4: 'open', ipv6: 'slow' });
  const slow = [await talk(network.mailIpv4), await talk(network.mailIpv6)];
  assert.ok(isQuick(slow[0] ?? '') && typeof slow[1] === 'number' && slow[1] > 2000, String(slow));
});

test('a server of the sandbox has its DNS root where a resolver looks for it', async () => {
  const { stdout } = await tryOnMachine(machine, [
    'cat',
    '/usr/share/dns/root.key',
    '/usr/share/dns/root.hints',
  ]);
  // Flags, protocol and algorithm are before the key, which dig prints in parts.
  const publicKey = (await dig('.', 'DNSKEY')).split(/\s+/).slice(3).join('');
  assert.ok(stdout.startsWith(`. IN DS ${renderDs(dsOf('.', publicKey))}\n`), stdout);
  assert.match(stdout, /ns\.sandbox\.test\. 3600 IN A 198\.51\.100\.4/);
});
