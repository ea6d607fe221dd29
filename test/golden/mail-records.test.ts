import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Pins } from '../../core/config/pins.ts';
import { type PlannedRecord, plannedContent } from '../../core/dns/record.ts';
import { planMailCloud, samplePublicKey } from '../support/mail-cloud.ts';

/** Golden files are reviewed like code, as in plan.test.ts. `text` is what only mail adds to the zone. */
function golden(file: string, text: string): void {
  const path = new URL(`./plans/${file}`, import.meta.url);
  if (process.env.HAVEN_GOLDEN === 'write' || !existsSync(path)) writeFileSync(path, text);
  assert.equal(text, readFileSync(path, 'utf8'), `${file} differs. If the change is meant: HAVEN_GOLDEN=write npm run test:unit -- golden`);
}

const keysOf = (...domains: string[]): Partial<Pins> => ({
  dkim: Object.fromEntries(domains.map((domain) => [domain, { selector: '2026a', publicKey: samplePublicKey }])),
});
const line = (record: PlannedRecord): string => {
  const { name, ttlSeconds, type } = record;
  return `${name}. ${ttlSeconds} IN ${type} ${plannedContent(record)}`;
};
const withReasons = (records: PlannedRecord[]): string =>
  `${records.map((each) => `${line(each)}\n    ; ${each.stage}: ${each.reason}`).join('\n')}\n`;
/** Keys are long, and the same everywhere. */
const plain = (records: PlannedRecord[]): string =>
  `${records.map((each) => `${each.zone}: ${line(each).replace(/p=MII[^;]+$/, 'p=MII…"')}`).join('\n')}\n`;

const cloudflare = (name: string, zone?: string) => ({ name, dns: 'cloudflare', ...(zone ? { zone } : {}) });

test('the zone of a domain with mail is what was reviewed', () => {
  golden('mail.zone', withReasons(planMailCloud({ pins: keysOf('example.org') }).records));
});

test('an owner’s own SPF and DMARC texts are in ours, and their policy stays', () => {
  const pins = {
    ...keysOf('example.org'),
    spf: { 'example.org': ['include:_spf.news.example'] },
    dmarc: {
      '_dmarc.example.org': ['p=quarantine', 'sp=reject', 'adkim=s', 'rua=mailto:reports@news.example'],
      '_dmarc.www.example.org': ['p=none'],
    },
  };
  const { records } = planMailCloud({ pins });
  const own = records.filter(({ value }) => typeof value === 'string' && /^v=(spf1|DMARC1)/.test(value));
  golden('mail-existing-texts.zone', withReasons(own));
});

test('with several domains, each that is listed gets its records, and the first one their reports', () => {
  const domains = [cloudflare('example.org'), cloudflare('second.example'), cloudflare('third.example')];
  const services = { website: { domain: 'third.example' } };
  const { records } = planMailCloud({
    domains,
    services,
    receives: ['example.org', 'second.example'],
    pins: keysOf('example.org', 'second.example'),
  });
  golden('mail-several-domains.zone', plain(records));
  const third = records.filter(({ zone }) => zone === 'third.example').map(({ name, type }) => `${name} ${type}`);
  assert.deepEqual(third, [
    ...['A', 'AAAA', 'CAA'].map((type) => `www.third.example ${type}`),
    ...['TLSA', 'TLSA'].map((type) => `_443._tcp.www.third.example ${type}`),
  ], 'mail of a domain that is not listed is left alone');
});

test('a subdomain that receives mail leaves the domain above it alone', () => {
  const { records } = planMailCloud({ receives: ['team.example.org'], pins: keysOf('team.example.org') });
  golden('mail-subdomain.zone', plain(records));
  const above = records.filter(({ name }) => name === 'example.org' || name === '_dmarc.example.org');
  assert.deepEqual(above, []);
});

test('a cloud below a domain writes into the zone of that domain', () => {
  const { records } = planMailCloud({
    domains: [cloudflare('cloud.example.org', 'example.org')],
    pins: keysOf('cloud.example.org'),
  });
  golden('mail-in-zone-above.zone', plain(records));
  assert.ok(records.every(({ zone }) => zone === 'example.org'));
});

test('an international name is written as DNS has it', () => {
  const { records } = planMailCloud({ domains: [cloudflare('xn--bcher-kva.example')], pins: keysOf('xn--bcher-kva.example') });
  golden('mail-international.zone', plain(records));
});

test('with a relay, SPF allows both ways of the domains that go by it, and nothing else differs', () => {
  const receives = ['example.org', 'second.example'];
  const domains = receives.map((name) => cloudflare(name));
  const options = { domains: receives };
  const relay = { host: 'smtp.relay.example', user: 'ada', spf: 'include:_spf.relay.example', domains: ['example.org'] };
  const planned = (postbox: object) =>
    plain(planMailCloud({ domains, services: { postbox: { options: postbox } }, pins: keysOf(...receives) }).records);
  const [before, after] = [planned(options), planned({ ...options, relay })].map((text) => text.split('\n'));
  assert.deepEqual(
    after!.filter((each) => !before!.includes(each)),
    ['example.org: example.org. 300 IN TXT "v=spf1 mx include:_spf.relay.example ~all"'],
  );
  golden('mail-relay.zone', `${after!.join('\n')}`);
});
