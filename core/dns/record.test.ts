import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planRecords } from './plan-records.ts';
import { asLookedUp, quoteText, type RecordShape, recordContent, recordKey } from './record.ts';

const owner = { name: 'Ada', email: 'ada@example.com' };

const contents: [RecordShape, string, string][] = [
  [{ type: 'A' }, '192.0.2.1', '192.0.2.1'],
  [{ type: 'AAAA' }, '2001:db8::1', '2001:db8::1'],
  [{ type: 'CNAME' }, 'www.example.org', 'www.example.org.'],
  [{ type: 'MX', priority: 10 }, 'mail.example.org', '10 mail.example.org.'],
  [{ type: 'SRV', priority: 0, weight: 1, port: 993 }, 'mail.example.org.', '0 1 993 mail.example.org.'],
  [{ type: 'TXT' }, 'v=spf1 mx -all', '"v=spf1 mx -all"'],
  [{ type: 'CAA', flags: 0, tag: 'issue' }, 'ca.example', '0 issue "ca.example"'],
  [{ type: 'CAA', flags: 128, tag: 'iodef' }, 'mailto:a@example.org', '128 iodef "mailto:a@example.org"'],
  [{ type: 'TLSA', usage: 3, selector: 1, matchingType: 1 }, 'ab12', '3 1 1 ab12'],
];

for (const [shape, value, content] of contents)
  test(`writes ${JSON.stringify(shape)} as a zone file does`, () => {
    assert.equal(recordContent(shape, value), content);
  });

test('splits a long text into strings of at most 255 bytes, and escapes what a zone file would misread', () => {
  assert.equal(quoteText('x'.repeat(300)), `"${'x'.repeat(255)}" "${'x'.repeat(45)}"`);
  assert.equal(quoteText('say "hi" \\ ü'), '"say \\"hi\\" \\\\ \\195\\188"');
  assert.equal(quoteText(''), '""');
});

test('compares with what the DNS answers: texts byte by byte, names and hashes in lower case', () => {
  for (const text of ['say "hi" \\ ü', 'k=rsa; p=MIIB'.repeat(40)])
    assert.equal(asLookedUp('TXT', quoteText(text)), text);
  assert.equal(
    asLookedUp('CAA', '0 issue "ca.example; accounturi=https://x/A1"'),
    '0 issue ca.example; accounturi=https://x/A1',
  );
  assert.equal(asLookedUp('MX', '10 Mail.example.org.'), '10 mail.example.org');
  assert.equal(asLookedUp('TLSA', '3 1 1 AB12'), '3 1 1 ab12');
});

test('names a record by what it is, never by what it says, and keeps two of a kind apart', () => {
  const named = { name: '_443._tcp.www.example.org', type: 'TLSA' };
  assert.equal(recordKey({ ...named, slot: 'a' }), 'dns-tlsa-_443._tcp.www.example.org');
  assert.equal(recordKey({ ...named, slot: 'b' }), 'dns-tlsa-_443._tcp.www.example.org-b');
  const caa = { name: 'example.org', type: 'CAA' };
  assert.equal(recordKey({ ...caa, tag: 'issue' }), 'dns-caa-example.org');
  assert.equal(recordKey({ ...caa, tag: 'iodef' }), 'dns-caa-example.org-iodef');
});

test('refuses two records that the engine could not tell apart', () => {
  const hosts = ['www.example.org', 'www.example.org'];
  assert.throws(
    () => planRecords({ zones: ['example.org'], owner, hostName: 'haven.example.org', hosts }),
    /Two records are dns-a-www\.example\.org\. Give one of them a slot/,
  );
});

test('puts each record into the nearest zone above its name', () => {
  const records = planRecords({
    zones: ['example.org', 'lab.example.org'],
    owner,
    hostName: 'haven.example.org',
    hosts: ['www.lab.example.org'],
  });
  const zoneOf = (name: string) => records.find((each) => each.name === name)?.zone;
  assert.equal(zoneOf('haven.example.org'), 'example.org');
  assert.equal(zoneOf('www.lab.example.org'), 'lab.example.org');
  assert.throws(
    () => planRecords({ zones: ['example.org'], owner, hostName: 'haven.other.example', hosts: [] }),
    /in none of the zones/,
  );
});
