import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planMailCloud, samplePublicKey } from '../../test/support/mail-cloud.ts';
import { type PlannedRecord, plannedContent, recordKey } from '../dns/record.ts';
import { mtaStsId, mtaStsPolicy } from './mta-sts-policy.ts';

const cloudflare = (name: string) => ({ name, dns: 'cloudflare' });
const at = (records: PlannedRecord[], name: string, type: string): string[] =>
  records.filter((each) => each.name === name && each.type === type).map(plannedContent);

test('every record for mail but addresses waits until everything works', () => {
  const { records } = planMailCloud();
  const early = new Set(records.filter(({ stage }) => stage === 'early').map(({ type }) => type));
  assert.deepEqual(early, new Set(['A', 'AAAA']));
});

test('each reason names where it is written', () => {
  for (const { reason } of planMailCloud().records) assert.match(reason, /\((RFC \d{4}|MS-)[^)]*\)/);
});

test('before its key is made, a domain has the record at its name, with a value that up makes', () => {
  const name = '2026a._domainkey.example.org';
  assert.deepEqual(at(planMailCloud().records, name, 'TXT'), ['"<dkim:example.org>"']);
  const dkim = { 'example.org': { selector: '2025b', publicKey: samplePublicKey } };
  const { records } = planMailCloud({ pins: { dkim } });
  assert.deepEqual(at(records, name, 'TXT'), []);
  const [text] = at(records, '2025b._domainkey.example.org', 'TXT');
  assert.equal(text!.replaceAll('" "', ''), `"v=DKIM1; k=rsa; h=sha256; p=${samplePublicKey}"`);
  assert.ok(text!.split('" "').every((part) => part.replaceAll('"', '').length <= 255));
});

test('the id of the policy is that of its text', () => {
  const services = { postbox: { subdomain: 'mx' } };
  const id = mtaStsId(mtaStsPolicy('mx.example.org'));
  assert.deepEqual(at(planMailCloud({ services }).records, '_mta-sts.example.org', 'TXT'), [
    `"v=STSv1; id=${id}"`,
  ]);
});

test('the name of the mail server can be a mail domain too', () => {
  const { records } = planMailCloud({ receives: ['mail.example.org'] });
  assert.deepEqual(at(records, 'mail.example.org', 'MX'), ['10 mail.example.org.']);
  assert.deepEqual(at(records, 'mail.example.org', 'TXT'), ['"v=spf1 mx ~all"']);
});

test('a name of a service that receives mail does not say that it receives none', () => {
  const { records } = planMailCloud({ receives: ['example.org', 'www.example.org'] });
  assert.deepEqual(at(records, 'www.example.org', 'MX'), ['10 mail.example.org.']);
});

test('a policy is announced only where its text is served, and Outlook is sent only to where its settings are', () => {
  const { releases, records, certificates } = planMailCloud();
  for (const name of ['mta-sts.example.org', 'autodiscover.example.org', 'autoconfig.example.org']) {
    assert.deepEqual(at(records, name, 'A'), ['<ipv4>']);
    assert.ok(certificates.some(({ host }) => host === name));
    assert.deepEqual(at(records, name, 'MX'), ['0 .']);
  }
  assert.deepEqual(at(records, '_autodiscover._tcp.example.org', 'SRV'), [
    '0 1 443 autodiscover.example.org.',
  ]);
  const bundle = structuredClone(releases.find(({ service }) => service === 'postbox')!.bundle);
  delete bundle.release.fixedPages;
  const without = planMailCloud({ held: { postbox: bundle } }).records;
  assert.deepEqual(at(without, '_mta-sts.example.org', 'TXT'), []);
  assert.deepEqual(at(without, '_autodiscover._tcp.example.org', 'SRV'), []);
});

test('only what another organisation reports about has to be agreed to', () => {
  const agreed = (...receives: string[]) =>
    planMailCloud({ domains: [cloudflare('example.org'), cloudflare('second.example')], receives })
      .records.filter(({ name }) => name.includes('._report.'))
      .map(({ name, zone }) => `${name} in ${zone}`);
  assert.deepEqual(agreed('team.example.org', 'example.org'), []);
  assert.deepEqual(agreed('team.example.org', 'second.example'), [
    'second.example._report._dmarc.team.example.org in example.org',
  ]);
});

test('at the top of a zone no one certifies addresses; below it, what is allowed above is not hidden', () => {
  const { records } = planMailCloud({ receives: ['example.org', 'team.example.org'] });
  assert.deepEqual(at(records, 'example.org', 'CAA'), ['0 issuemail ";"']);
  assert.deepEqual(at(records, 'team.example.org', 'CAA'), []);
});

test('what the owner allowed before stays in the SPF text of that name', () => {
  const spf = { 'example.org': ['include:a.example'], 'www.example.org': ['ip4:192.0.2.1'] };
  const { records } = planMailCloud({ pins: { spf } });
  assert.deepEqual(at(records, 'example.org', 'TXT'), ['"v=spf1 mx include:a.example ~all"']);
  assert.deepEqual(at(records, 'www.example.org', 'TXT'), ['"v=spf1 ip4:192.0.2.1 -all"']);
  assert.deepEqual(at(records, 'haven.example.org', 'TXT'), ['"v=spf1 -all"']);
});

test('no two records look the same to the engine, with several domains in one zone', () => {
  const { records } = planMailCloud({ receives: ['example.org', 'team.example.org', 'www.example.org'] });
  const keys = records.map(recordKey);
  assert.equal(new Set(keys).size, keys.length);
});

test('with a second key a domain has a record for each, and the second one is made by up, too', () => {
  const services = { postbox: { options: { ed25519: true } } };
  const name = '2026a-ed25519._domainkey.example.org';
  assert.deepEqual(at(planMailCloud({ services }).records, name, 'TXT'), ['"<dkim:ed25519:example.org>"']);
  const ed25519 = { selector: '2026b-ed25519', publicKey: '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=' };
  const pins = { dkim: { 'example.org': { selector: '2025b', publicKey: samplePublicKey, ed25519 } } };
  const { records } = planMailCloud({ services, pins });
  assert.deepEqual(at(records, '2026b-ed25519._domainkey.example.org', 'TXT'), [
    `"v=DKIM1; k=ed25519; h=sha256; p=${ed25519.publicKey}"`,
  ]);
  const without = planMailCloud({ pins }).records.filter(({ name }) => name.includes('._domainkey.'));
  assert.deepEqual(
    without.map((each) => each.name),
    ['2025b._domainkey.example.org'],
    'a key that is no longer wanted is kept, and not in DNS',
  );
});

test('POP3 is announced while it is offered', () => {
  const pop3s = (options: object) =>
    at(planMailCloud({ services: { postbox: { options } } }).records, '_pop3s._tcp.example.org', 'SRV');
  assert.deepEqual(pop3s({ pop3: true }), ['0 1 995 mail.example.org.']);
  assert.deepEqual(pop3s({}), ['0 0 0 .']);
});
