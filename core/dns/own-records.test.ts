import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExistingRecord } from './existing-record.ts';
import { matchOwnRecords, type OwnRecords } from './own-records.ts';
import { type PlannedRecord, plannedContent } from './record.ts';

const zone = 'example.org';
const more = { zone, ttlSeconds: 300, reason: '', stage: 'live' as const };
const address: PlannedRecord = { ...more, name: 'www.example.org', type: 'A', value: { output: 'ipv4' } };
const text = (name: string, value: string): PlannedRecord => ({ ...more, name, type: 'TXT', value });
const tlsa = (slot: 'a' | 'b'): PlannedRecord => ({
  ...more,
  name: '_25._tcp.example.org',
  type: 'TLSA',
  usage: 3,
  selector: 1,
  matchingType: 1,
  value: { output: `tlsa-${slot}:example.org` },
  slot,
});
const caa = (tag: 'issue' | 'iodef', value: PlannedRecord['value']): PlannedRecord => ({
  ...more,
  name: zone,
  type: 'CAA',
  flags: 0,
  tag,
  value,
});

let ids = 0;
const existing = (name: string, type: string, content: string): ExistingRecord => ({
  ...{ id: String(ids++), zone, name, type, content, ttlSeconds: 300, comment: 'haven ada', raw: {} },
});
const shown = ({ adopt, clear, left }: OwnRecords) => ({
  adopt: adopt.map(({ as, existing: { content } }) => `${plannedContent(as)} was ${content}`),
  clear: clear.map(
    (each) => `${each.existing.map(({ content }) => content)} before ${each.planned.map(plannedContent)}`,
  ),
  left: left.map(({ name, type, content }) => `${name} ${type} ${content}`),
});

test('an address becomes the new one, whatever it says now', () => {
  assert.deepEqual(shown(matchOwnRecords([address], [existing('www.example.org', 'A', '198.51.100.7')])), {
    adopt: ['<ipv4> was 198.51.100.7'],
    clear: [],
    left: [],
  });
});

test('what is not planned is left over, at the same name too', () => {
  const records = [
    existing('git.example.org', 'A', '198.51.100.7'),
    existing('www.example.org', 'A', '198.51.100.7'),
    existing('www.example.org', 'A', '198.51.100.8'),
    existing('www.example.org', 'AAAA', '2001:db8::1'),
  ];
  assert.deepEqual(shown(matchOwnRecords([address], records)), {
    adopt: ['<ipv4> was 198.51.100.7'],
    clear: [],
    left: [
      'git.example.org A 198.51.100.7',
      'www.example.org A 198.51.100.8',
      'www.example.org AAAA 2001:db8::1',
    ],
  });
});

test('texts are matched by their content, then by their purpose', () => {
  const planned = [text(zone, 'v=spf1 mx -all'), text(zone, 'site=1'), text(zone, 'site=2')];
  const records = [
    existing(zone, 'TXT', '"site=2"'),
    existing(zone, 'TXT', '"v=spf1 a -all"'),
    existing(zone, 'TXT', '"site=1"'),
    existing(zone, 'TXT', '"v=DMARC1; p=none"'),
  ];
  assert.deepEqual(shown(matchOwnRecords(planned, records)), {
    adopt: ['"site=1" was "site=1"', '"site=2" was "site=2"', '"v=spf1 mx -all" was "v=spf1 a -all"'],
    clear: [],
    left: ['example.org TXT "v=DMARC1; p=none"'],
  });
});

test('CAA records are matched by their tag', () => {
  const planned = [caa('issue', { output: 'acme-account' }), caa('iodef', 'mailto:ada@example.com')];
  const records = [
    existing(zone, 'CAA', '0 iodef "mailto:old@example.com"'),
    existing(zone, 'CAA', '0 issue "ca.example"'),
  ];
  assert.deepEqual(shown(matchOwnRecords(planned, records)).adopt, [
    '0 iodef "mailto:ada@example.com" was 0 iodef "mailto:old@example.com"',
    '0 issue "<acme-account>" was 0 issue "ca.example"',
  ]);
});

test('two of a kind whose content is not known yet make way for the new ones', () => {
  const records = ['3 1 1 aa', '3 1 1 bb'].map((content) =>
    existing('_25._tcp.example.org', 'TLSA', content),
  );
  assert.deepEqual(shown(matchOwnRecords([tlsa('a'), tlsa('b')], records)), {
    adopt: [],
    clear: ['3 1 1 aa,3 1 1 bb before 3 1 1 <tlsa-a:example.org>,3 1 1 <tlsa-b:example.org>'],
    left: [],
  });
});

test('what can’t exist beside an alias makes way for it, and an alias for addresses', () => {
  const alias: PlannedRecord = { ...more, name: 'git.example.org', type: 'CNAME', value: 'www.example.org' };
  const records = [
    existing('git.example.org', 'A', '198.51.100.7'),
    existing('www.example.org', 'CNAME', 'git.example.org.'),
  ];
  assert.deepEqual(shown(matchOwnRecords([alias, address], records)), {
    adopt: [],
    clear: ['198.51.100.7 before www.example.org.', 'git.example.org. before <ipv4>'],
    left: [],
  });
});
