import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch } from '../test/support/scratch.ts';
import { quoteTxt, zoneFileTxt } from './emulators/cloudflare/txt.ts';
import { renderDataCentreFirewall } from './emulators/hetzner/firewall.ts';
import { matchesLabels } from './emulators/hetzner/label-selector.ts';
import { oneAtATime } from './emulators/one-at-a-time.ts';
import { debianMirror } from './images/images.ts';
import { parseCaa, whyForbidden } from './internet/caa.ts';
import { nibbles } from './internet/zones.ts';
import { callerCapabilities } from './machine/machine.ts';

test('label selectors choose as the API says', () => {
  const labels = { haven: 'x', part: 'a' };
  for (const [selector, expected] of [
    ['haven=x', true],
    ['haven==x,part==a', true],
    ['haven!=x', false],
    ['other!=x', true],
    ['haven', true],
    ['!haven', false],
    ['!other', true],
    ['part in (a, b)', true],
    ['part notin (a,b)', false],
    ['haven==x,part in (c)', false],
  ] as const) {
    assert.equal(matchesLabels(selector, labels), expected, selector);
  }
});

test('TXT contents are kept as Cloudflare keeps them', () => {
  assert.equal(quoteTxt('short'), 'short');
  assert.equal(quoteTxt('"quoted"'), '"quoted"');
  assert.equal(quoteTxt('x'.repeat(300)), `"${'x'.repeat(255)}" "${'x'.repeat(45)}"`);
  assert.equal(quoteTxt(`"${'x'.repeat(300)}"`), `"${'x'.repeat(255)}" "${'x'.repeat(45)}"`);
  assert.equal(zoneFileTxt('say "hi"'), '"say \\"hi\\""');
});

test('the firewall lets in what its rules say, and nothing else that begins', () => {
  const text = renderDataCentreFirewall(
    [
      {
        ipv4: '198.51.100.10',
        ipv6: undefined,
        rules: [{ direction: 'in', protocol: 'tcp', port: '443', source_ips: ['0.0.0.0/0', '::/0'] }],
      },
    ],
    true,
  );
  assert.match(
    text,
    /ip daddr 198\.51\.100\.10 tcp dport 443 accept\n {4}ip daddr 198\.51\.100\.10 tcp flags & \(syn \| ack\) == syn drop/,
  );
  assert.match(text, /ip saddr 198\.51\.100\.10 tcp dport \{ 25, 465 \} drop/);
  assert.doesNotMatch(
    renderDataCentreFirewall([{ ipv4: '198.51.100.10', ipv6: undefined, rules: undefined }], false),
    /198\.51/,
    'no firewall lets everything in',
  );
});

test('CAA allows and forbids as RFC 8659 and RFC 8657 say', () => {
  const ask = (records: string[], more: object = {}) =>
    whyForbidden({
      records: records.map((each) => parseCaa(each)!),
      issuer: 'ca.example',
      accountUri: 'https://ca.example/acct/1',
      method: 'http-01',
      wildcard: false,
      ...more,
    });
  assert.equal(ask([]), undefined);
  assert.equal(ask(['0 issue "ca.example"']), undefined);
  assert.equal(ask(['0 iodef "mailto:a@example.org"']), undefined, 'no issue property restricts nothing');
  assert.match(ask(['0 issue "other.example"'])!, /does not name ca\.example/);
  assert.match(ask(['0 issue ";"'])!, /does not name/);
  assert.equal(ask(['0 issue "other.example"', '0 issue "ca.example"']), undefined);
  assert.equal(
    ask(['0 issue "ca.example; accounturi=https://ca.example/acct/1; validationmethods=dns-01,http-01"']),
    undefined,
  );
  assert.match(ask(['0 issue "ca.example; accounturi=https://ca.example/acct/2"'])!, /another account/);
  assert.match(ask(['0 issue "ca.example; validationmethods=dns-01"'])!, /does not allow http-01/);
  assert.match(ask(['0 issue "ca.example"', '0 issuewild ";"'], { wildcard: true })!, /does not name/);
  assert.match(ask(['128 unknown "x"', '0 issue "ca.example"'])!, /critical property/);
});

test('Debian comes from where this machine gets it, in both ways of writing that down', () => {
  const folder = scratch('apt');
  assert.equal(debianMirror(folder), undefined);
  mkdirSync(join(folder, 'sources.list.d'));
  const stanzas =
    'Types: deb\nURIs: http://mirror.example/debian-security\n\nTypes: deb\nURIs: http://mirror.example/debian\n';
  writeFileSync(join(folder, 'sources.list.d', 'debian.sources'), stanzas);
  assert.equal(debianMirror(folder), 'http://mirror.example/debian');
  writeFileSync(
    join(folder, 'sources.list'),
    '# a comment\ndeb [signed-by=/x.gpg] https://other.example/debian/ bookworm main\n',
  );
  assert.equal(debianMirror(folder), 'https://other.example/debian/');
});

test('addresses turn round for reverse DNS', () => {
  assert.equal(
    nibbles('2001:db8:7a:10::1'),
    '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.a.7.0.0.8.b.d.0.1.0.0.2',
  );
});

test('machines get the capabilities that their caller has, by name', () => {
  assert.deepEqual(callerCapabilities('CapEff:\t0000000000000021\n'), ['CHOWN', 'KILL']);
  assert.ok(
    !callerCapabilities('CapEff:\t000001fffeffffff\n').includes('SYS_RESOURCE'),
    'bit 24 is missing here',
  );
});

test('work runs once at a time, sees what was asked for before it, and tells each asker how it went', async () => {
  let value = 0;
  let running = 0;
  const seen: number[] = [];
  const publish = oneAtATime(async () => {
    running += 1;
    assert.equal(running, 1, 'never beside itself');
    seen.push(value);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
    if (seen.length === 2) throw new Error('the second run fails');
  });
  value = 1;
  const first = publish();
  await new Promise((resolve) => setTimeout(resolve, 1));
  value = 2;
  const second = publish();
  value = 3;
  const third = publish();
  await first;
  await assert.rejects(second, /second run/);
  await assert.rejects(third, /second run/);
  await publish();
  assert.deepEqual(seen, [1, 3, 3]);
});
