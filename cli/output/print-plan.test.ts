import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { type AnsweredConflict, answerConflicts, dnsConflicts } from '../../core/dns/conflicts.ts';
import { planRecords } from '../../core/dns/plan-records.ts';
import { recordKey } from '../../core/dns/record.ts';
import type { Change } from '../../core/plan/changes.ts';
import type { MonthlyCost } from '../../core/plan/cost.ts';
import { describeChanges } from '../../core/plan/describe-conflict.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { type ShownImages, showImages } from '../../core/plan/shown-images.ts';
import { renderPlan } from './print-plan.ts';

const owner = { name: 'Ada', email: 'ada@example.com' };

const records = planRecords({
  zones: ['example.org'],
  owner,
  hostName: 'haven.example.org',
  hosts: ['www.example.org'],
});
const plan = { records } as Plan;
const changes: Change[] = records
  .filter((each) => each.stage === 'early' && each.name.startsWith('www'))
  .map((record) => ({
    kind: 'create',
    type: 'any:index:Record',
    name: recordKey(record),
    properties: [],
    after: { name: record.name, type: record.type, content: '' },
  }));
const existing = (type: string, content: string) => ({
  id: content,
  zone: 'example.org',
  name: 'www.example.org',
  type,
  content,
  ttlSeconds: 300,
  comment: null,
  raw: {},
});

const cost: MonthlyCost = {
  currency: 'EUR',
  vatPercent: 19,
  net: 5.5,
  gross: 6.545,
  added: { net: -2, gross: -2.38 },
  parts: [
    { what: 'server cx33', net: 5, gross: 5.95 },
    { what: 'IPv4 address', net: 0.5, gross: 0.595 },
  ],
};

function shown(conflicts: AnsweredConflict[]): string {
  const text = renderPlan({
    domain: 'example.org',
    isSandbox: false,
    stubs: [],
    builtHere: [],
    ...describeChanges(changes, conflicts, plan),
    kept: 3,
    cost,
    unverified: [],
    foreign: 11,
    mail: [{ domain: 'example.org', at: 'Google' }],
    dnssec: [],
  });
  return stripVTControlCharacters(text);
}
const answered = (found: ReturnType<typeof existing>[], answers: { adopt?: string[]; replace?: string[] }) =>
  answerConflicts(dnsConflicts(records, found, 'ours'), { adopt: [], replace: [], ...answers }, records)
    .answered;

test("a plan shows an owner's record that goes, with what it says, among what is made", () => {
  assert.equal(
    shown(answered([existing('CNAME', 'shop.example.')], { replace: ['www.example.org CNAME'] })),
    `
Plan for example.org

  Creates 2 DNS records.
  Removes 1 DNS record.
  Nothing stops.
  It takes about a minute.
  This change saves 2.00 EUR a month without VAT, 2.38 with 19 % VAT.

  + create   DNS  www.example.org A      the server's ipv4
  + create   DNS  www.example.org AAAA   the server's ipv6
  - remove   DNS  www.example.org CNAME  shop.example. (yours; kept in before.zone/)

  3 parts of this cloud unchanged.
  11 DNS records of your own are left unchanged.
  Mail of example.org stays at Google: its records are left unchanged.
  Costs 5.50 EUR a month without VAT, 6.54 with 19 % VAT (the rate of your Hetzner account).
  Without VAT: server cx33 5.00, IPv4 address 0.50.
  Billed by the hour, also while the server is off. Your domain is not included.
`,
  );
});

test('an adopted record is changed, not made', () => {
  assert.match(
    shown(answered([existing('A', '192.0.2.9')], { adopt: ['www.example.org A'] })),
    /\n {2}~ change {3}DNS {2}www\.example\.org A {5}192\.0\.2\.9 → the server's ipv4 \(yours; haven manages it from now on\)\n {2}\+ create {3}DNS {2}www\.example\.org AAAA/,
  );
});

test('a record that waits for a decision is shown with what may be typed', () => {
  const text = shown(answered([existing('CNAME', 'shop.example.')], {}));
  assert.match(
    text,
    /\n {2}! decide {3}DNS {2}www\.example\.org CNAME {2}shop\.example\. \(yours, in the way of A, AAAA, CAA\)\n {18}haven up --replace "www\.example\.org CNAME"\n/,
  );
  assert.doesNotMatch(text, /--adopt/);
});

test('a conflict alone is not "no change"', () => {
  const only = describeChanges([], answered([existing('A', '192.0.2.9')], {}), plan);
  assert.deepEqual(only.lines, []);
  assert.deepEqual(only.conflicts, [
    {
      key: 'www.example.org A',
      name: 'www.example.org',
      type: 'A',
      content: '192.0.2.9',
      inTheWayOf: ['A'],
      isAdoptable: true,
    },
  ]);
});

test('of images a sandbox only says that it brings them', () => {
  const line = { kind: 'create', what: 'Service', name: 'website', detail: '' } as const;
  const shownOf = (isSandbox: boolean, images?: ShownImages) =>
    renderPlan(
      {
        ...{
          domain: 'example.org',
          isSandbox,
          stubs: [],
          builtHere: ['gitea'],
          lines: [line],
          conflicts: [],
          kept: 0,
          cost,
        },
        ...{ unverified: [], foreign: 0, mail: [], dnssec: [], ...(images ? { images } : {}) },
      },
      { details: true },
    );
  assert.match(shownOf(true), /\n {2}Built here, because no registry could be reached: gitea\.\n/);
  assert.match(shownOf(true), /\n {2}Images come from the sandbox\.\n/);
  assert.doesNotMatch(shownOf(false), /[Ii]mage/);
  const [image, digest] = ['quay.io/a/b:1.2', `sha256:${'ab'.repeat(32)}`];
  const images = showImages([
    { name: 'b', services: ['b'], isBuilt: false, downloads: [{ image, digest, bytes: 12_300_000 }] },
  ]);
  assert.match(
    shownOf(false, images),
    /\n {2}1 image: 13 MB to download\.\n {4}b {2}1\.2 {2}sha256:abababababab {2}13 MB {2}quay\.io\/a\/b:1\.2\n/,
  );
});
