import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { after, before, test } from 'node:test';
import { addDs, registerDomain, removeDs, setNameServers } from '../../sandbox/control.ts';
import type { Ds } from '../../sandbox/dnssec/zone-key.ts';
import { trustFile } from '../../sandbox/host/paths.ts';
import { internetContainer } from '../../sandbox/internet/internet.ts';
import { docker } from '../../sandbox/machine/docker.ts';
import { network } from '../../sandbox/machine/network.ts';
import { askZone, type DnssecDetails, signZone } from '../support/cloudflare-zone.ts';
import { openInternet } from '../support/internet.ts';
import { openLab } from '../support/lab.ts';

/**
 * DNSSEC in the sandbox's internet, with the programs of real ones: Knot signs, unbound validates from the root down. The
 * registrar decides whether a zone is secure, insecure or bogus.
 */
const domain = 'dnssec-layer.test';
let close: () => Promise<void> = async () => undefined;
let ds: Ds;

before(async () => {
  close = await openInternet(await openLab([]), 'domains');
});
after(() => close());

/** What the resolver answers. */
interface Answer {
  status: string;
  /** Whether it vouches for the answer (the bit AD, RFC 4035 §3.2.3). */
  isValidated: boolean;
  text: string;
}

async function resolve(...question: string[]): Promise<Answer> {
  const dig = ['dig', `@${network.internetIpv4}`, '+dnssec', '+nocmd', '+nostats', '+noquestion'];
  const { stdout } = await docker(['exec', internetContainer, ...dig, ...question]);
  const status = /status: (\w+)/.exec(stdout)?.[1] ?? 'none';
  return { status, isValidated: /flags: [a-z ]*\bad\b/.test(stdout), text: stdout };
}

const assertAnswer = (answer: Answer, status: string, isValidated: boolean) =>
  assert.deepEqual([answer.status, answer.isValidated], [status, isValidated], answer.text);

/** DNSSEC of the zone at Cloudflare. */
const dnssec = (method: string, body?: object) => askZone<DnssecDetails>(domain, method, '/dnssec', body);

/** What RDAP says, over HTTPS, at a name of the sandbox's internet. */
function rdap(host: string, path: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const options = { host: network.internetIpv4, servername: host, headers: { host }, path };
    const asked = request({ ...options, ca: readFileSync(trustFile) }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk);
      resolve(JSON.parse(Buffer.concat(chunks).toString()));
    });
    asked.on('error', reject).end();
  });
}

test('what the sandbox has always answered is still answered', async () => {
  for (const name of ['acme.sandbox.test', 'registry-1.docker.io', 'deb.debian.org', 'rdap.sandbox.test'])
    assertAnswer(await resolve(name, 'A'), 'NOERROR', true);
  assertAnswer(await resolve('.', 'NS'), 'NOERROR', true);
  assertAnswer(await resolve('unknown.test', 'A'), 'NXDOMAIN', true);
  assertAnswer(await resolve('-x', '198.51.100.250'), 'NXDOMAIN', false);
  assertAnswer(await resolve('-x', '2001:db8:7a:99::1'), 'NXDOMAIN', false);
});

test('the zone of an owner is not signed until DNSSEC is enabled', async () => {
  await registerDomain(domain, [{ type: 'A', name: 'www', content: '192.0.2.1', ttl: 60 }]);
  const answer = await resolve(`www.${domain}`, 'A');
  assertAnswer(answer, 'NOERROR', false);
  assert.doesNotMatch(answer.text, /RRSIG/);
  assertAnswer(await resolve(`unknown.${domain}`, 'A'), 'NXDOMAIN', false);
});

test('a zone that is signed without a DS record is insecure', async () => {
  ds = await signZone(domain);
  assert.equal((await dnssec('GET')).status, 'pending');
  const answer = await resolve(`www.${domain}`, 'A');
  assertAnswer(answer, 'NOERROR', false);
  assert.match(answer.text, /RRSIG/);
  assert.match((await resolve(domain, 'CDS')).text, new RegExp(`CDS\\s+${ds.keyTag} 13 2`));
});

test('with the DS record that fits, the chain validates', async () => {
  await addDs(domain, ds);
  assertAnswer(await resolve(`www.${domain}`, 'A'), 'NOERROR', true);
  assertAnswer(await resolve(`unknown.${domain}`, 'A'), 'NXDOMAIN', true);
  assertAnswer(await resolve(`www.${domain}`, 'AAAA'), 'NOERROR', true);
  assert.equal((await dnssec('GET')).status, 'active');
});

test('RDAP is found as in the real world, and shows the domain', async () => {
  const bootstrap = await rdap('data.iana.org', '/rdap/dns.json');
  assert.deepEqual(bootstrap.services, [[['test'], ['https://rdap.sandbox.test/']]]);
  assert.partialDeepStrictEqual(await rdap('rdap.sandbox.test', `/domain/${domain}`), {
    nameservers: [{ ldhName: 'ada.ns.sandbox.test' }, { ldhName: 'bob.ns.sandbox.test' }],
    secureDNS: { delegationSigned: true, dsData: [ds] },
  });
});

test('with the DS record of another key alone, no name of the zone is answered, until it is removed', async () => {
  const wrong = { ...ds, digest: '0'.repeat(64) };
  await addDs(domain, wrong);
  assertAnswer(await resolve(`www.${domain}`, 'A'), 'NOERROR', true);
  await removeDs(domain, ds);
  const answer = await resolve(`www.${domain}`, 'A');
  assertAnswer(answer, 'SERVFAIL', false);
  assert.match(answer.text, /EDE: (6|9)/, 'says that it is DNSSEC');
  assert.match((await resolve(`www.${domain}`, 'A', '+cd')).text, /192\.0\.2\.1/);
  await removeDs(domain);
  assertAnswer(await resolve(`www.${domain}`, 'A'), 'NOERROR', false);
});

test('a zone that leaves DNSSEC stays signed until it is deleted, and says that its DS record may go', async () => {
  await addDs(domain, ds);
  assert.equal((await dnssec('PATCH', { status: 'disabled' })).status, 'pending-disabled');
  assertAnswer(await resolve(`www.${domain}`, 'A'), 'NOERROR', true);
  assert.match((await resolve(domain, 'CDS')).text, /CDS\s+0 0 0 00/);
  await removeDs(domain);
  assert.equal((await dnssec('GET')).status, 'disabled');
  await dnssec('DELETE');
  assert.doesNotMatch((await resolve(`www.${domain}`, 'A')).text, /RRSIG/);
});

test('a DS record above a zone that is not signed makes it bogus', async () => {
  await addDs(domain, ds);
  assertAnswer(await resolve(`www.${domain}`, 'A'), 'SERVFAIL', false);
  await removeDs(domain);
  assertAnswer(await resolve(`www.${domain}`, 'A'), 'NOERROR', false);
});

test('a domain whose name servers are elsewhere has no records here', async () => {
  await setNameServers(domain, ['a.example.net', 'b.example.net']);
  assertAnswer(await resolve(`www.${domain}`, 'A'), 'SERVFAIL', false);
  await setNameServers(domain, ['ada.ns.sandbox.test', 'bob.ns.sandbox.test']);
  assertAnswer(await resolve(`www.${domain}`, 'A'), 'NOERROR', false);
});
