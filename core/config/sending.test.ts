import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  exampleCatalogue as catalogue,
  exampleConfig as config,
  exampleImages as images,
} from '../../test/support/example-plan.ts';
import { buildPlan } from '../plan/plan.ts';
import type { RealmFile } from '../users/realm-file.ts';

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
