import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lookOver } from '../../agent/mail/look-outward.ts';
import { lookAtMail } from '../../cli/health/look-at-mail.ts';
import { stranger } from '../../cli/health/stranger.ts';
import { type ApiRecord, contentOf } from '../../components/cloudflare/record-fields.ts';
import { accountAuthority } from '../../core/dns/account-authority.ts';
import { type OutputName, type PlannedRecord, recordContent } from '../../core/dns/record.ts';
import {
  type DkimPrivateKeys,
  dkimPublicKeys,
  ed25519Selector,
  generateDkimKey,
  generateEd25519Key,
} from '../../core/mail/dkim-key.ts';
import type { MailSection } from '../../core/mail/mail-check.ts';
import { reverseName } from '../../core/mail/preflight.ts';
import { builtReference } from '../../core/release/image-references.ts';
import type { DnsRecord } from '../../sandbox/emulators/cloudflare/state.ts';
import { ensureBuilt } from '../../sandbox/images/build-folder.ts';
import { docker } from '../../sandbox/machine/docker.ts';
import { contextHash } from '../../services/context-hash.ts';
import { projectRoot } from '../../system/project-root.ts';
import { run } from '../../system/run.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { planMailCloud } from './mail-cloud.ts';
import { scratch } from './scratch.ts';
import { computer, place, SignedNames } from './signed-names.ts';

/**
 * What others see of the mail of two domains, as it is planned, without a cloud behind it: its records in signed zones, Debian's
 * Postfix at port 25 with the planned key, and its pages with certificates. Each can be made wrong.
 */
export const domains = ['check-one.test', 'check-two.test'] as const;
export const host = `mail.${domains[0]}`;
export const selector = '2026a';
export const secondSelector = ed25519Selector(selector);
/** What the second domain includes in SPF, as haven.lock keeps it of its owner's earlier text. */
export const otherSenders = 'senders.check-one.test';
export const addresses = { ipv4: place.server, ipv6: '2001:db8:1::4' };
const serverName = 'haven-signed-names-server';

export const signingKeys: DkimPrivateKeys = Object.fromEntries(
  domains.map((each) => [
    each,
    { ...generateDkimKey(selector), ed25519: generateEd25519Key(secondSelector) },
  ]),
);
export const plan = planMailCloud({
  domains: domains.map((name) => ({ name, dns: 'cloudflare' })),
  services: { website: undefined, postbox: undefined, mail: { options: { domains, ed25519: true } } },
  pins: {
    dkim: dkimPublicKeys(signingKeys),
    spf: { [domains[1]]: [`include:${otherSenders}`] },
  },
});

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const hashOf = ({ publicKey }: ReturnType<typeof newKey>): string =>
  createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
/** The key that the mail server answers with, and the one after it. */
const served = newKey();
const outputs: Partial<Record<OutputName, string>> = {
  ...addresses,
  'acme-account': accountAuthority('ca.test', 'https://ca.test/account/1'),
  ...Object.fromEntries(
    plan.certificates.flatMap(({ host: name }) => [
      [`tlsa-a:${name}`, name === host ? hashOf(served) : hashOf(newKey())],
      [`tlsa-b:${name}`, hashOf(newKey())],
    ]),
  ),
};

/** A record with its value, as it is in a zone. */
export type ZoneRecord = PlannedRecord & { value: string };
const records: ZoneRecord[] = plan.records.map((record) => {
  const value = typeof record.value === 'string' ? record.value : outputs[record.value.output];
  assert.ok(value !== undefined, `nothing is known of ${JSON.stringify(record.value)}`);
  return { ...record, value };
});

export let names: SignedNames;
const folder = scratch('mail-names');
const pages = plan.releases.flatMap(({ bundle }) => bundle.release.fixedPages ?? []);
const realPort = stranger.lookAtMailPort;

export async function openMailNames(): Promise<void> {
  names = await SignedNames.start();
  for (const zone of domains)
    await names.cloudflare.registerZone(zone, records.filter((each) => each.zone === zone).map(bodyOf));
  await addRecord({ ...textAt(otherSenders), value: 'v=spf1 ip4:192.0.2.9 -all' });
  for (const zone of domains) await names.setDs(zone, 'own');
  for (const family of ['ipv4', 'ipv6'] as const) await pointBack(family, host);
  await startServer();
  process.env.HAVEN_RESOLVER = place.resolver;
  process.env.HAVEN_WEB_TRUST = join(folder, 'ca.pem');
  // Only port 25 has records in the DNS. What the others answer is shown elsewhere (test/mail/behaviours.test.ts).
  stranger.lookAtMailPort = async (question) => {
    const { address, port, protocol } = question;
    if (port === 25 && address === place.server) return realPort(question);
    const certificate = {
      notAfter: '2030-01-01T00:00:00Z',
      issuer: 'test',
      spkiSha256: hashOf(served),
      problem: undefined,
    };
    return {
      ...{ address, loginsInTheClear: [], loginsOverTls: question.relay ? [] : ['PLAIN'], certificate },
      greeting: protocol === 'imap' ? '* OK ready' : `220 ${host} ESMTP`,
      relay: question.relay && '554 5.7.1 Relay access denied',
    };
  };
}

export async function closeMailNames(): Promise<void> {
  stranger.lookAtMailPort = realPort;
  await names?.close();
}

/** The image of a computer with mail programs. */
export async function visitorImage(): Promise<string> {
  const context = join(projectRoot, 'test/support/mail-visitor');
  return (await ensureBuilt(builtReference('mail-visitor', contextHash(context)), context)).reference;
}

async function startServer(): Promise<void> {
  writeFileSync(join(folder, 'served.key'), served.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(
    join(folder, 'names'),
    [host, ...pages.map((each) => each.host)].map((each) => `DNS:${each}`).join(','),
  );
  await run('bash', ['-ec', makeCertificates], { cwd: folder });
  for (const each of pages) for (const { path, text } of each.pages) writePage(each.host, path, text);
  writeFileSync(join(folder, 'main.cf'), mainCf);
  writeFileSync(join(folder, 'serve.py'), servePages);
  await docker([
    ...computer(serverName, place.server),
    ...['-v', `${folder}:/here`, await visitorImage(), 'bash', '-c', startPrograms],
  ]);
  await waitUntil('the mail server', async () => {
    const answer = await realPort({
      host,
      address: place.server,
      port: 25,
      protocol: 'smtp',
      tls: 'starttls',
    });
    return answer.certificate !== undefined;
  });
}

function writePage(name: string, path: string, text: string): void {
  const file = join(folder, 'pages', name, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
}

/** Changes the text of a page, or removes it. Answers with what undoes that. */
export async function changePage(
  name: string,
  path: string,
  change: (text: string) => string | undefined,
): Promise<() => Promise<void>> {
  const page = pages.find((each) => each.host === name)?.pages.find((each) => each.path === path);
  assert.ok(page, `${name}${path}`);
  const changed = change(page.text);
  if (changed === undefined) rmSync(join(folder, 'pages', name, path));
  else writePage(name, path, changed);
  return async () => writePage(name, path, page.text);
}

/** Sets the name that an address of the server points back to. */
export const pointBack = (family: 'ipv4' | 'ipv6', name: string | undefined): Promise<void> =>
  names.pointBack(reverseName(addresses[family]), name);

/** A record as the API takes it. */
function bodyOf(record: ZoneRecord): Partial<DnsRecord> {
  const { name, type, value } = record;
  const common = { name, type, ttl: 60 };
  switch (record.type) {
    case 'MX':
      return { ...common, content: value, priority: record.priority };
    case 'SRV': {
      const { priority, weight, port } = record;
      return { ...common, data: { priority, weight, port, target: value } };
    }
    case 'CAA':
      return { ...common, data: { flags: record.flags, tag: record.tag, value } };
    case 'TLSA': {
      const { usage, selector: part, matchingType } = record;
      return { ...common, data: { usage, selector: part, matching_type: matchingType, certificate: value } };
    }
    case 'TXT':
      return { ...common, content: recordContent(record, value) };
    default:
      return { ...common, content: value };
  }
}

/** The planned records of a type at a name; of texts those that begin so. */
export function recordsAt(type: PlannedRecord['type'], name: string, begins = ''): ZoneRecord[] {
  const found = records.filter(
    (each) => each.type === type && each.name === name && each.value.startsWith(begins),
  );
  assert.ok(found.length > 0, `no ${type} ${name} is planned`);
  return found;
}

/** A TXT record of ours at any name. */
export function textAt(name: string): Omit<ZoneRecord & { type: 'TXT' }, 'value'> {
  const zone = domains.find((each) => `.${name}`.endsWith(`.${each}`));
  assert.ok(zone, name);
  return { type: 'TXT', zone, name, ttlSeconds: 60, reason: '', stage: 'live' };
}

/** Deletes records and adds others. Answers with what undoes that. */
export async function change(without: ZoneRecord[], more: ZoneRecord[] = []): Promise<() => Promise<void>> {
  for (const each of without) await deleteRecord(each);
  for (const each of more) await addRecord(each);
  return async () => {
    for (const each of more) await deleteRecord(each);
    for (const each of without) await addRecord(each);
  };
}

const addRecord = (record: ZoneRecord) => names.ask(record.zone, 'POST', '/dns_records', bodyOf(record));

async function deleteRecord(record: ZoneRecord): Promise<void> {
  const { zone, name, type, value } = record;
  const listed = await names.ask<ApiRecord[]>(
    zone,
    'GET',
    `/dns_records?type=${type}&name=${name}&per_page=100`,
  );
  const found = listed.find((each) => contentOf(each) === recordContent(record, value));
  assert.ok(found, `${type} ${name}: ${JSON.stringify(listed)}`);
  await names.ask(zone, 'DELETE', `/dns_records/${found.id}`);
}

/** What `haven mail check` finds. */
export async function check(asked?: string): Promise<MailSection[]> {
  const { mail, zones } = plan;
  assert.ok(mail);
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([place.resolver]);
  return lookAtMail({
    ...mail,
    ...(asked === undefined ? {} : { asked: [asked] }),
    ...{ records: plan.records, zones, fixedPages: pages, outputs },
    environment: { CLOUDFLARE_BASE_URL: names.cloudflare.url, CLOUDFLARE_API_TOKEN: names.cloudflare.token },
    outlooks: await Promise.all([
      lookOver(resolver, 'IPv4', addresses.ipv4),
      lookOver(resolver, 'IPv6', addresses.ipv6),
    ]),
  });
}

/** An authority of this test's own, which certifies the served key for every name. */
const makeCertificates = `
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test -addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.pem 2> /dev/null
openssl req -new -key served.key -subj /CN=${host} -out served.csr
printf 'subjectAltName=%s\\n' "$(cat names)" > served.ext
openssl x509 -req -in served.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile served.ext -out served.crt 2> /dev/null
cat served.key served.crt > served.pem`;

const mainCf = `compatibility_level = 3.6
myhostname = ${host}
mydestination = ${domains.join(', ')}
inet_interfaces = all
inet_protocols = ipv4
mynetworks =
smtpd_banner = $myhostname ESMTP
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_security_level = may
smtpd_tls_chain_files = /etc/served.pem
maillog_file = /dev/stdout
`;

/** Each page is a file of its host's folder. */
const servePages = `
import http.server, os, ssl
class Pages(http.server.SimpleHTTPRequestHandler):
    extensions_map = {'.txt': 'text/plain', '.xml': 'text/xml'}
    def translate_path(self, path):
        return os.path.join('/here/pages', os.path.basename(self.headers['host']), path.split('?')[0].lstrip('/'))
server = http.server.ThreadingHTTPServer(('0.0.0.0', 443), Pages)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain('/here/served.pem')
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
`;

const startPrograms =
  'cp /here/main.cf /etc/postfix/main.cf; install -m 600 /here/served.pem /etc/served.pem; python3 /here/serve.py & exec postfix start-fg';

/** The authority that certifies the pages and the mail server, as a file. */
export const authority = (): string => join(folder, 'ca.pem');
