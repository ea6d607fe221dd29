import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  exampleCatalogue as catalogue,
  exampleConfig as config,
  exampleImages as images,
} from '../../test/support/example-plan.ts';
import { planMailCloud } from '../../test/support/mail-cloud.ts';
import { buildPlan } from '../plan/plan.ts';
import type { RealmFile } from '../users/realm-file.ts';

test('a cloud with a mail server of its own sends by that, unless haven.yaml has another account', () => {
  const own = planMailCloud({ services: { gitea: {} } });
  assert.deepEqual(own.sending, {
    host: 'mail.example.org',
    port: 465,
    user: 'haven-sender',
    from: 'no-reply@example.org',
  });
  const { release, files } = own.releases.find(({ service }) => service === 'keycloak')!.bundle;
  assert.deepEqual(release.secrets['own-sending-password'], { generation: 1, shared: true, readers: {} });
  assert.equal(release.secrets['sending-password'], undefined);
  const { smtpServer } = (JSON.parse(files['files/realm.json']!) as RealmFile).realm;
  assert.equal(smtpServer?.host, 'mail.example.org');
  assert.match(files['compose.yaml']!, /mail\.example\.org:host-gateway/, 'whatever DNS says');
  const sending = { host: 'smtp.example.net', port: 587, user: 'cloud', from: 'cloud@example.net' };
  const other = planMailCloud({ services: { gitea: {} }, sending });
  assert.deepEqual(other.sending, sending);
  const login = other.releases.find(({ service }) => service === 'keycloak')!.bundle;
  assert.equal(login.release.secrets['own-sending-password'], undefined);
  assert.doesNotMatch(login.files['compose.yaml']!, /host-gateway/);
  assert.equal(planMailCloud({ services: { postbox: undefined } }).sending, undefined);
});

test('the account at the own mail server is not one for haven.yaml', () => {
  const sending = { host: 'mail.example.org', port: 465, user: 'haven-sender', from: 'no-reply@example.org' };
  assert.throws(
    () => planMailCloud({ sending }),
    /is the account that this cloud has at its own mail server/,
  );
});

test('alarms by email need an account or a mail server', () => {
  const alarms = { email: true };
  assert.equal(planMailCloud({ alarms }).alarms?.email?.account.host, 'mail.example.org');
  assert.throws(() => planMailCloud({ alarms, services: { postbox: undefined } }), /requires an account/);
});

test("a sending service's release names the generation of the password, never its value", () => {
  const sending = { host: 'smtp.example.org', port: 465, user: 'cloud', from: 'cloud@example.org' };
  const services = { gitea: { options: {} } };
  const login = (generation: number) =>
    buildPlan({ ...config, services, sending }, catalogue, {
      version: 2,
      images,
      given: { 'sending-password': generation },
    }).releases.find((each) => each.service === 'keycloak')!;
  const { release, files } = login(1).bundle;
  const secret = { generation: 1, given: 'sending-password', readers: {} };
  assert.deepEqual(release.secrets['sending-password'], secret);
  const { realm } = JSON.parse(files['files/realm.json']!) as RealmFile;
  assert.deepEqual(realm.smtpServer, {
    host: 'smtp.example.org',
    port: '465',
    ssl: 'true',
    starttls: 'false',
    auth: 'true',
    user: 'cloud',
    from: 'cloud@example.org',
    fromDisplayName: 'example.org',
    replyTo: 'ada@example.com',
    replyToDisplayName: 'Ada',
  });
  assert.notEqual(login(2).hash, login(1).hash, 'a new value is a new release');
  const none = buildPlan({ ...config, services }, catalogue, { version: 2, images });
  const quiet = none.releases.find((each) => each.service === 'keycloak')!.bundle;
  assert.equal(quiet.release.secrets['sending-password'], undefined);
  assert.deepEqual((JSON.parse(quiet.files['files/realm.json']!) as RealmFile).realm.smtpServer, {});
});
