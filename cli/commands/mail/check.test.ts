import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { renderDs } from '../../../core/dns/ds.ts';
import type { WayMemory } from '../../../core/mail/choose-way.ts';
import type { MailSection } from '../../../core/mail/mail-check.ts';
import type { Outlook } from '../../../core/mail/preflight.ts';
import type { MailPortLook, MailPortQuestion } from '../../../system/mail-port-look.ts';
import { testServices } from '../../../test/support/owner.ts';
import { signEmulatedZone } from '../../../test/support/sign-emulated-zone.ts';
import { fails, openCloud, succeeds, type } from '../../../test/support/typist.ts';
import { stranger } from '../../health/stranger.ts';
import { Project } from '../../project/project.ts';

const host = 'mail.example.org';
const key = 'ab'.repeat(32);
const keys = { a: key, b: 'cd'.repeat(32) };
const certificates = [{ name: host, keyGeneration: 1, keys, notBefore: '', notAfter: '' }];
const outlooks: Outlook[] = (['192.0.2.7', '2001:db8::7'] as const).map((address) => ({
  family: address.includes(':') ? 'IPv6' : 'IPv4',
  address,
  greeting: '220 mx.test ready',
  refused: [],
  names: [host],
  isConfirmed: true,
  lists: [{ list: 'zen.spamhaus.org' }],
}));

const real = { ...stranger };
afterEach(() => Object.assign(stranger, real));

/** What strangers see, and how each may differ. */
interface World {
  dns?: (name: string, type: string, planned: string[]) => string[] | Error;
  port?: (question: MailPortQuestion, look: MailPortLook) => MailPortLook;
  /** The text of a page. */
  web?: (name: string, text: string) => string;
  out?: Outlook[];
  /** What the server remembers of how email leaves; then haven.yaml has a relay. */
  way?: WayMemory;
  /** Is the zone signed? Then its DS record is at the registrar. */
  isSigned?: boolean;
}

/** A cloud with mail, whose records and ports are as planned but for what a test changes. */
async function openMail({
  dns,
  port,
  web = (_, text) => text,
  out = outlooks,
  way,
  isSigned = true,
}: World = {}): Promise<void> {
  const cloud = await openCloud({
    services: ['postbox'],
    agent: { 'look-outward': () => out, certificates: () => certificates, 'mail-way': () => way ?? null },
  });
  const { cloudflare } = cloud;
  process.env.HAVEN_SERVICES = testServices;
  if (way) {
    const relay = 'relay: { host: smtp.relay.example, user: ada }';
    cloud.write('haven.yaml', cloud.read().replace('postbox: {}', `postbox: { options: { ${relay} } }`));
    await type(['secret', 'set', 'mail-relay-password'], { input: 'at-the-relay' });
  }
  const ds = isSigned ? renderDs(await signEmulatedZone(cloudflare)) : undefined;
  const { records, releases } = (await Project.open()).plan();
  const pages = releases.flatMap(({ bundle }) => bundle.release.fixedPages ?? []);
  assert.ok(pages.length > 0);
  stranger.lookAtWeb = async (name, path) => {
    const page = pages.find((each) => each.host === name)?.pages.find((each) => each.path === path);
    const body = web(name, page?.text ?? '');
    return { status: 200, address: '', notAfter: '2027-03-01T00:00:00Z', issuer: '', spkiSha256: '', body };
  };
  stranger.lookUp = async (name, kind) => {
    const planned =
      kind === 'DS'
        ? [ds ?? []].flat()
        : records
            .filter((each) => each.name === name && each.type === kind)
            .map((record) => {
              const { value } = record;
              if (record.type === 'TLSA') return `3 1 1 ${record.slot === 'b' ? keys.b : keys.a}`;
              if (record.type === 'CAA' && typeof value !== 'string') return '0 issue ca.test';
              if (typeof value !== 'string')
                return { ipv4: '192.0.2.7', ipv6: '2001:db8::7' }[value.output as string] ?? 'v=DKIM1; p=x';
              if (record.type === 'MX') return `${record.priority} ${value.replace(/\.$/, '')}`;
              if (record.type === 'SRV')
                return `${record.priority} ${record.weight} ${record.port} ${value.replace(/\.$/, '')}`;
              return record.type === 'CAA' ? `${record.flags} ${record.tag} ${value}` : value;
            });
    const answer = dns?.(name, kind, planned) ?? planned;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  stranger.lookAtMailPort = async (question) => {
    const look: MailPortLook = {
      address: question.address,
      greeting: question.protocol === 'imap' ? '* OK ready' : `220 ${host} ESMTP`,
      loginsInTheClear: [],
      loginsOverTls: question.relay ? [] : ['PLAIN'],
      certificate: { notAfter: '2027-03-01T00:00:00Z', issuer: 'R13', spkiSha256: key, problem: undefined },
      relay: question.relay && '554 5.7.1 Relay access denied',
    };
    return port ? port(question, look) : look;
  };
}

/** What is not good, as `what: result`. */
const faults = (sections: MailSection[]): string[] =>
  sections.flatMap(({ checks }) =>
    checks.flatMap(({ what, result }) => (result === 'good' ? [] : [`${what}: ${result}`])),
  );

test('everything as planned: each record, port and list with what was seen', async () => {
  await openMail();
  const { screen, json } = await succeeds<MailSection[]>('mail check');
  assert.deepEqual(faults(json), []);
  assert.deepEqual(
    json.map(({ about }) => about),
    ['example.org', host, 'dnssec', 'sending'],
  );
  assert.match(screen.stdout, /✔ \d+ checks: as they should be\n/);
  assert.match(screen.stdout, /\d+ checks: nothing is wrong\. To see/);
  assert.doesNotMatch(screen.stdout, /v=spf1/);
  const { stdout } = await type(['mail', 'check', '--details']);
  assert.match(stdout, /✔ MX example\.org +10 mail\.example\.org\n/);
  assert.match(stdout, /✔ SPF example\.org +v=spf1 mx ~all\n/);
  assert.match(stdout, /✔ port 993 over IPv6: certificate +valid until 2027-03-01, by R13\n/);
  assert.match(stdout, /✔ 192\.0\.2\.7 at zen\.spamhaus\.org +not listed\n/);
  assert.match(stdout, /✔ https:\/\/mta-sts\.example\.org\/.* +as planned, certificate until 2027-03-01\n/);
  assert.match(
    stdout,
    /DNSSEC\n +✔ DNSSEC example\.org +signed, and your registrar has its DS record: \d+ 13 2 /,
  );
});

test('DNSSEC: each state of the zone and of the registrar is told, with what to enter', async () => {
  const dnssecOf = async (world: World) => {
    await openMail(world);
    const { stdout } = await type(['mail', 'check']);
    return / {2}DNSSEC\n([\s\S]*?)\n\n/.exec(stdout)?.[1] ?? '';
  };
  const entries =
    /\n {6}DS: key tag \d+, algorithm 13, digest type 2, digest [\dA-F]{64}\n {6}DNSKEY: flags 257, protocol 3, algorithm 13, public key \S{86}==/;
  const atRegistrar = (answer: (own: string[]) => string[] | Error): World => ({
    dns: (_name, kind, planned) => (kind === 'DS' ? answer(planned) : planned),
  });
  assert.match(await dnssecOf({}), /✔ 1 check: as it should be/);
  const waiting = await dnssecOf(atRegistrar(() => []));
  assert.match(waiting, /✖ DNSSEC example\.org +signed, and waits for your registrar\n/);
  assert.match(waiting, entries);
  const wrong = await dnssecOf(atRegistrar(() => [`4711 13 2 ${'0'.repeat(64)}`]));
  assert.match(
    wrong,
    /✖ DNSSEC example\.org +unreachable .* DS 4711 13 2 0+, .* another key\n +Replace it at/,
  );
  assert.match(wrong, entries);
  assert.match(
    await dnssecOf({ isSigned: false }),
    /✖ DNSSEC example\.org +the zone is not signed\n +Run: haven up/,
  );
  const silent = Object.assign(new Error('queryDs ETIMEOUT'), { code: 'ETIMEOUT' });
  assert.match(await dnssecOf(atRegistrar(() => silent)), /\? DNSSEC example\.org +the DNS does not answer/);
  await openMail();
  process.env.CLOUDFLARE_API_TOKEN = 'may-not-look';
  assert.match((await type(['mail', 'check'])).stdout, /\? DNSSEC example\.org +Cloudflare answers 40[13]/);
});

test('what is wrong is named with its remedy, and exits with 1', async () => {
  await openMail({
    dns: (name, kind, planned) => {
      if (name === 'example.org' && kind === 'TXT') return [...planned, 'v=spf1 include:old.test ~all'];
      return name === 'example.org' && kind === 'MX' ? [] : planned;
    },
    port: ({ port, address }, look) => {
      if (port === 25 && address === '192.0.2.7') return { ...look, relay: '250 2.1.5 Ok' };
      if (port === 465) throw new Error('connect ECONNREFUSED');
      return look;
    },
    web: (name, text) => (name.startsWith('mta-sts.') ? 'version: STSv1\nmode: none\n' : text),
    out: [{ ...outlooks[0]!, lists: [{ list: 'zen.spamhaus.org', answer: '127.0.0.2' }] }],
  });
  const { code, stdout } = await type(['mail', 'check']);
  assert.equal(code, 1);
  assert.match(stdout, /✖ MX example\.org +there is none\n +Run: haven up/);
  assert.match(stdout, /✖ SPF example\.org +there are 2: .*\n +Receivers then count none of them/);
  assert.match(stdout, /✖ port 25 over IPv4: refuses to relay .*250 2\.1\.5 Ok"\n.*haven stop mail/);
  assert.match(stdout, /✖ port 465 over IPv4: answers +connect ECONNREFUSED\n/);
  assert.match(
    stdout,
    /✖ https:\/\/mta-sts\.example\.org\/.* +answers 200, with "mode: none" where "mode: enforce" is planned\n/,
  );
  assert.match(stdout, /✖ 192\.0\.2\.7 at zen\.spamhaus\.org +listed \(127\.0\.0\.2\)\n/);
  assert.match(stdout, /6 wrong\./);
});

test('with a relay a blocked port is as it should be, and what the relay says is a check', async () => {
  const { greeting: _, ...silent } = outlooks[0]!;
  const out = [{ ...silent, refused: ['mx.test: no answer within 10 s'] }, outlooks[1]!];
  const way: WayMemory = {
    release: 'r',
    way: 'relay',
    port25: 'blocked',
    port25At: 0,
    relay: { host: 'smtp.relay.example', at: 0, answer: { result: 'good' } },
    notices: [],
  };
  await openMail({ out, way });
  const { stdout } = await type(['mail', 'check', '--details']);
  assert.match(stdout, /✔ sends over IPv4 +no mail server answers at port 25: .*Email goes by the relay\n/);
  assert.match(stdout, /✔ relay smtp\.relay\.example:587 +accepts the login\n/);
  assert.match(stdout, /✔ SPF example\.org +v=spf1 mx a:smtp\.relay\.example ~all\n/);
  const answer = { result: 'refused', said: '535 5.7.8 authentication failed' } as const;
  await openMail({ out, way: { ...way, relay: { host: 'smtp.relay.example', at: 0, answer } } });
  const { code, stdout: refused } = await type(['mail', 'check']);
  assert.equal(code, 1);
  assert.match(refused, /✖ relay smtp\.relay\.example:587 +refuses the login: 535 5\.7\.8/);
  assert.match(refused, /haven secret set mail-relay-password/);
  await openMail({ out, way: { ...way, way: 'direct' } });
  assert.match(
    (await type(['mail', 'check'])).stdout,
    /✖ sends over IPv4 .*\n.*a relay: docs\/owners\/mail\.md/,
  );
});

test('a relay without its password is refused, with what to type', async () => {
  const cloud = await openCloud({
    services: ['postbox'],
    agent: { 'look-outward': () => [], certificates: () => [], 'mail-way': () => null },
  });
  process.env.HAVEN_SERVICES = testServices;
  const relay = 'relay: { host: smtp.relay.example, user: ada }';
  cloud.write('haven.yaml', cloud.read().replace('postbox: {}', `postbox: { options: { ${relay} } }`));
  const name = 'mail-relay-password';
  await fails(
    ['mail', 'check'],
    'failed',
    /mail-relay-password: is missing: .*smtp\.relay\.example.*haven secret set mail-relay-password/,
  );
  await fails(['secret', 'set', name], 'failed', /begins or ends with a blank/, { input: 'a\tb' });
  await type(['secret', 'set', name], { input: 'at-the-relay' });
  assert.match(cloud.read('haven.lock'), /"mail-relay-password": 1/);
  assert.doesNotMatch(cloud.read('haven.lock') + cloud.read(), /at-the-relay/);
});

test('what can not be seen from here is not called wrong', async () => {
  await openMail({
    dns: (_name, kind, planned) =>
      kind === 'SRV' ? Object.assign(new Error('queryA ETIMEOUT'), { code: 'ETIMEOUT' }) : planned,
    port: ({ port }, look) => {
      if (port === 25) throw new Error('no answer within 15 s');
      return look;
    },
  });
  const { screen, json } = await succeeds<MailSection[]>('mail check', ['example.org']);
  assert.ok(faults(json).length > 2);
  assert.ok(faults(json).every((each) => each.endsWith(': unknown')));
  assert.match(screen.stdout, /\? port 25 over IPv4: answers .*\n.*The network of this computer may block/);
});

test('with DNSSEC that is broken there is one line for all that can not be looked up, and the way to fix it', async () => {
  const wrongDs = [`4711 13 2 ${'0'.repeat(64)}`];
  await openMail({
    dns: (_name, kind) =>
      kind === 'DS' ? wrongDs : Object.assign(new Error('queryA ESERVFAIL'), { code: 'ESERVFAIL' }),
  });
  stranger.lookAtWeb = async () => {
    throw Object.assign(new Error('queryA ESERVFAIL mta-sts.example.org'), { code: 'ESERVFAIL' });
  };
  const { json } = await succeedsNot();
  assert.match(faults(json).join('\n'), /^\d+ checks of example\.org: unknown$/m);
  assert.match(faults(json).join('\n'), /^\d+ checks of mail\.example\.org: unknown$/m);
  assert.deepEqual(faults(json).length, 3, faults(json).join('\n'));
  const [section] = json;
  assert.match(section?.checks[0]?.remedy ?? '', /Do what the section DNSSEC says/);
});

/** What `haven mail check --json` prints where something is wrong. */
async function succeedsNot(): Promise<{ json: MailSection[] }> {
  const { code, stdout } = await type(['mail', 'check', '--json']);
  assert.equal(code, 1);
  return { json: JSON.parse(stdout) };
}

test('the fault of a second thing that others have: an alias for the mail server, an SPF record that grew, reports nobody takes', async () => {
  const includes = Array.from({ length: 11 }, (_, n) => `include:s${n}.sender.test`).join(' ');
  await openMail({
    dns: (name, kind, planned) => {
      if (kind === 'CNAME' && name === host) return ['box.elsewhere.test'];
      if (kind === 'TXT' && name === 'example.org') return [`v=spf1 mx ${includes} ~all`];
      if (kind === 'TXT' && name.endsWith('.sender.test')) return ['v=spf1 ip4:192.0.2.9 -all'];
      if (kind === 'TXT' && name === '_dmarc.example.org')
        return ['v=DMARC1; p=none; rua=mailto:reports@analyst.test'];
      return planned;
    },
  });
  const { stdout } = await type(['mail', 'check']);
  assert.match(stdout, /✖ CNAME mail\.example\.org +the mail server is an alias of box\.elsewhere\.test\n/);
  assert.match(
    stdout,
    /✖ SPF example\.org: look-ups +it takes more than 10 look-ups: mx takes 1, include:s0/,
  );
  assert.match(
    stdout,
    /✖ DMARC example\.org: reports to analyst\.test +none are sent: example\.org\._report\._dmarc\.analyst\.test has/,
  );
});

test('records that their owner enters have what to enter', async () => {
  await openMail({
    dns: (_name, kind, planned) => (kind === 'SRV' ? ['0 1 1993 mail.example.org'] : planned),
  });
  const cloud = process.env.HAVEN_DIRECTORY ?? '';
  const file = join(cloud, 'haven.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('dns: cloudflare', 'dns: manual'));
  const { stdout } = await type(['mail', 'check']);
  assert.match(
    stdout,
    /✖ SRV _imaps\._tcp\.example\.org .*\n +At your DNS provider, replace what is there with:\n +_imaps\._tcp\.example\.org SRV 0 1 993 mail\.example\.org\n/,
  );
});

test('another domain, and a cloud without mail, are refused', async () => {
  await openMail();
  await fails(
    ['mail', 'check', 'exampel.org'],
    'failed',
    /exampel\.org: is not a domain whose mail.*haven mail check example\.org/,
  );
  await openCloud();
  await fails(['mail', 'check'], 'failed', /haven\.yaml: has no service for mail\./);
});
