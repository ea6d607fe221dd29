import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examplePlan as plan } from '../../test/support/example-plan.ts';
import { describeChange } from './describe-change.ts';

test('warns about data that would be lost', () => {
  const volume = describeChange(
    {
      kind: 'delete',
      type: 'hcloud:index/volume:Volume',
      name: 'v',
      properties: [],
      before: { name: 'v', size: 10 },
    },
    plan,
  );
  assert.equal(volume.data, 'ALL DATA of this cloud');
  const server = describeChange(
    {
      kind: 'replace',
      type: 'hcloud:index/server:Server',
      name: 's',
      properties: ['image'],
      after: { name: 's' },
    },
    plan,
  );
  assert.match(server.stops ?? '', /everything/);
  assert.match(server.data ?? '', /^none/);
});

test('a certificate says that another account renews it', () => {
  const change = {
    ...{ kind: 'update' as const, type: 'haven:index:Certificate', name: 'certificate-www.example.org' },
    properties: ['accountUrl'],
  };
  const { name, detail } = describeChange(change, plan);
  assert.equal(
    `${name}: ${detail}`,
    'www.example.org: is renewed by your new account at the certificate authority',
  );
});

test('a changed release names what stops, and how long it did last time', () => {
  const change = {
    kind: 'update' as const,
    type: 'haven:index:Release',
    name: 'release-website',
    properties: ['hash'],
    before: { service: 'website', hash: 'aaaaaaaaaa' },
    after: { service: 'website', hash: 'bbbbbbbbbb' },
  };
  assert.equal(
    describeChange({ ...change, stoppedSeconds: 4 }, plan).stops,
    'website, for about 4 s (measured at its last change)',
  );
  assert.match(describeChange(change, plan).stops ?? '', /not measured yet/);
});

test('names the file system of a new volume apart from the agent', () => {
  const change = (type: string, name: string) => ({ kind: 'create' as const, type, name, properties: [] });
  assert.equal(describeChange(change('haven:index:Agent', 'server-a-agent'), plan).what, 'Agent');
  const { what, detail } = describeChange(change('command:remote:Command', 'server-a-new-volume'), plan);
  assert.equal(`${what}: ${detail}`, 'File system: created if the volume is blank');
});

test('a larger volume shows both sizes, and that the file system grows', () => {
  const resized = {
    kind: 'update' as const,
    type: 'hcloud:index/volume:Volume',
    name: 'v',
    properties: ['size'],
    before: { name: 'v', size: 10 },
    after: { name: 'v', size: 20 },
  };
  assert.equal(describeChange(resized, plan).detail, '10 GB → 20 GB');
});

test('an agent that changes says whether it is another one, and whether the file system grows', () => {
  const agent = (before: object, properties: string[]) =>
    describeChange(
      {
        ...{ kind: 'update', type: 'haven:index:Agent', name: 'server-a-agent', properties },
        before: { sha256: 'aa', volumeGb: 10, ...before },
        after: { sha256: 'aa', volumeGb: 10 },
      },
      plan,
    ).detail;
  const grows = `enlarges the file system to ${plan.volume.sizeGb} GB`;
  assert.equal(agent({ volumeGb: 8 }, ['volumeGb']), grows);
  assert.equal(agent({ sha256: 'bb', volumeGb: 8 }, ['sha256', 'volumeGb']), `a new version, ${grows}`);
  assert.equal(agent({ sha256: 'bb' }, ['sha256']), 'a new version');
  assert.equal(agent({}, ['sha256']), 'changed from elsewhere, put right');
  assert.equal(agent({}, ['server']), 'sets up the server');
});

test("names what was changed on the server, and says when Docker's restart may stop something", () => {
  const change = (differs: string[]) =>
    describeChange(
      { kind: 'update', type: 'haven:index:SetUp', name: 'set-up', properties: ['differs'], differs },
      plan,
    );
  const timer = change(['haven-users.timer (disabled)', 'firewall table haven_trial']);
  assert.equal(timer.what, 'Set-up');
  assert.equal(timer.name, plan.server.hostName);
  assert.equal(
    timer.detail,
    'changed from elsewhere, put right: haven-users.timer (disabled), firewall table haven_trial',
  );
  assert.equal(timer.stops, undefined);
  assert.match(change(['/etc/docker/daemon.json (content)']).stops ?? '', /every service/);
});

test('a service that is restarted and was changed from elsewhere says both', () => {
  const { hash } = plan.releases.find((each) => each.service === 'website')!;
  const inputs = { service: 'website', hash };
  const { detail, stops } = describeChange(
    {
      kind: 'update',
      type: 'haven:index:Release',
      name: 'release-website',
      properties: ['differs', 'hash'],
      before: inputs,
      after: inputs,
      differs: ['its network to ldap (missing)'],
    },
    plan,
  );
  assert.equal(
    detail,
    'restart: it was not healthy; changed from elsewhere, put right: its network to ldap (missing)',
  );
  assert.match(stops ?? '', /^website, /);
});
