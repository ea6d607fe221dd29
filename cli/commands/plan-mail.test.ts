import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import { parsePins } from '../../core/config/pins.ts';
import { plannedContent } from '../../core/dns/record.ts';
import { dkimKeys, ed25519Text, parseDkimKeys } from '../../core/mail/dkim-key.ts';
import type { Change } from '../../core/plan/changes.ts';
import { afterDeploy } from '../../test/support/after-deploy.ts';
import { testServices } from '../../test/support/owner.ts';
import { stubSessions } from '../../test/support/stub-session.ts';
import { fails, openCloud, type } from '../../test/support/typist.ts';
import { Project } from '../project/project.ts';

/** A cloud whose service for mail is the tests' own, and an engine that changes nothing real. */
async function openMailCloud(records: { type: string; name: string; content: string }[] = []) {
  const cloud = await openCloud({ services: ['postbox'], records, agent: { ...afterDeploy } });
  process.env.HAVEN_SERVICES = testServices;
  const engine = stubSessions();
  engine.changes = [change];
  return { cloud, engine };
}

/** A record of the plan, as the engine sees it when its value is not known. */
const change: Change = {
  kind: 'create',
  type: 'cloudflare:index/dnsRecord:DnsRecord',
  name: `dns-txt-${new Date().getUTCFullYear()}a._domainkey.example.org`,
  properties: [],
  after: { name: 'selector._domainkey.example.org', type: 'TXT', content: '"v=DKIM1; p=known after up"' },
};
const up = ['up', '--yes', '--no-backups'];
const spf = { type: 'TXT', name: '@', content: '"v=spf1 include:a.example -all"' };
const verification = { type: 'TXT', name: '@', content: '"site-verification=1"' };

test('a plan makes no key and writes nothing; up makes one, and keeps both halves', async () => {
  const { cloud, engine } = await openMailCloud();
  const planned = await type(['plan']);
  assert.match(planned.stdout, /_domainkey\.example\.org TXT +a new key for signatures, made by haven up/);
  assert.match(
    planned.stdout,
    /This cloud sends its own email by mail\.example\.org, as no-reply@example\.org\./,
  );
  assert.equal((await cloud.secrets()).get(dkimKeys), undefined);
  assert.ok(!cloud.has('haven.lock'));

  assert.equal((await type(up)).code, 0);
  const text = (await cloud.secrets()).get(dkimKeys)!;
  const { selector, privateKey } = parseDkimKeys(text)['example.org']!;
  const { dkim } = parsePins(cloud.read('haven.lock'));
  assert.equal(dkim!['example.org']!.selector, selector);
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64');
  assert.equal(dkim!['example.org']!.publicKey, spki);
  assert.equal(engine.given(dkimKeys), text, 'the server gets it in the same run');
  const inDns = engine.records.find(({ name }) => name === `${selector}._domainkey.example.org`)!;
  assert.ok(plannedContent(inDns).replaceAll('" "', '').endsWith(`p=${spki}"`));
  assert.ok(
    engine.records.every(({ value }) => typeof value === 'string' || !value.output.startsWith('dkim:')),
    'nothing is left that only up makes',
  );

  assert.equal((await type(up)).code, 0);
  assert.equal((await cloud.secrets()).get(dkimKeys), text, 'a second run makes no other');
  assert.ok(!planned.stdout.includes('PRIVATE') && !cloud.read('haven.lock').includes('PRIVATE'));
});

test('a second key is made when its owner asks for it, beside the first, and both halves are kept', async () => {
  const { cloud, engine } = await openMailCloud();
  assert.equal((await type(up)).code, 0);
  const first = parseDkimKeys((await cloud.secrets()).get(dkimKeys))['example.org']!;
  cloud.write(
    'haven.yaml',
    cloud.read('haven.yaml').replace('postbox: {}', 'postbox: { options: { ed25519: true } }'),
  );
  assert.equal((await type(up)).code, 0);
  const { ed25519, ...rsa } = parseDkimKeys((await cloud.secrets()).get(dkimKeys))['example.org']!;
  assert.deepEqual(rsa, first);
  const { dkim } = parsePins(cloud.read('haven.lock'));
  assert.equal(dkim!['example.org']!.ed25519!.selector, ed25519!.selector);
  assert.equal(
    parseDkimKeys(engine.given(dkimKeys))['example.org']!.ed25519!.privateKey,
    ed25519!.privateKey,
  );
  const inDns = engine.records.find(({ name }) => name === `${ed25519!.selector}._domainkey.example.org`);
  assert.equal(inDns?.value, ed25519Text(dkim!['example.org']!.ed25519!));
});

test('without haven.lock the key of secrets.age is used; without secrets.age nothing is done', async () => {
  const { cloud } = await openMailCloud();
  assert.equal((await type(up)).code, 0);
  const lock = cloud.read('haven.lock');
  const planned = async () => (await Project.open()).plan().records;
  const known = await planned();
  const { dkim, ...others } = parsePins(lock);
  assert.ok(dkim);
  cloud.write('haven.lock', JSON.stringify(others));
  assert.deepEqual(await planned(), known);

  cloud.write('haven.lock', lock);
  await (await cloud.secrets()).remove(dkimKeys);
  await fails(
    up,
    'failed',
    /secrets\.age: has no key that signs mail of example\.org, and haven\.lock has its public half \(20\d\da\)\. Nothing was changed\. Restore secrets\.age/,
  );
});

test("an owner's SPF text is shown with what it becomes, and stays allowed in later plans", async () => {
  const { cloud, engine } = await openMailCloud([spf, verification]);
  const planned = await type(['plan']);
  assert.match(
    planned.stdout,
    /! decide +DNS +example\.org TXT +"v=spf1 include:a\.example -all" \(yours, in the way of TXT\)\n +with ours it becomes "v=spf1 mx include:a\.example ~all"\n +haven up --adopt "example\.org TXT"/,
  );
  await fails(up, 'failed', /With ours it becomes "v=spf1 mx include:a\.example ~all"\. Nothing was changed/);
  assert.ok(!cloud.has('haven.lock'), 'nothing is kept of a plan that was not agreed to');

  assert.equal((await type([...up, '--adopt', 'example.org TXT'])).code, 0);
  assert.deepEqual(parsePins(cloud.read('haven.lock')).spf, { 'example.org': ['include:a.example'] });
  const ours = engine.records.find(({ name, type }) => name === 'example.org' && type === 'TXT')!;
  assert.equal(ours.value, 'v=spf1 mx include:a.example ~all');
  await cloud.cloudflare.registerZone('example.org', [verification]);
  const later = (await Project.open())
    .plan()
    .records.find(({ name, type }) => name === 'example.org' && type === 'TXT');
  assert.equal(later?.value, ours.value);
});

test('mail that comes here does not stay elsewhere', async () => {
  const mx = { type: 'MX', name: '@', content: 'aspmx.l.google.com', priority: 1 };
  const below = { ...mx, name: 'club' };
  await openMailCloud([mx, below]);
  const { stdout } = await type(['plan']);
  assert.match(stdout, /Mail of club\.example\.org stays at Google/);
  assert.doesNotMatch(stdout, /Mail of example\.org stays/);
  assert.match(stdout, /! decide +DNS +example\.org MX +1 aspmx\.l\.google\.com\./);
});

test("an owner's DMARC policy is never lowered: it is shown with what it becomes, and stays in later plans", async () => {
  const strict = { type: 'TXT', name: '_dmarc', content: '"v=DMARC1; p=reject; pct=100"' };
  const { cloud, engine } = await openMailCloud([strict]);
  const becomes = 'v=DMARC1; p=reject; np=reject; rua=mailto:dmarc-reports@example.org';
  const planned = await type(['plan']);
  assert.ok(planned.stdout.includes(`with ours it becomes "${becomes}"`), planned.stdout);
  assert.equal((await type([...up, '--adopt', '_dmarc.example.org TXT'])).code, 0);
  assert.deepEqual(parsePins(cloud.read('haven.lock')).dmarc, { '_dmarc.example.org': ['p=reject'] });
  const ours = engine.records.find(({ name }) => name === '_dmarc.example.org')!;
  assert.equal(ours.value, becomes);
  const { records } = (await Project.open()).plan();
  assert.equal(records.find(({ name }) => name === '_dmarc.example.org')!.value, becomes);
});
