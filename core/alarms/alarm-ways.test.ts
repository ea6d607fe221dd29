import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleCatalogue, exampleConfig, exampleImages } from '../../test/support/example-plan.ts';
import { describeChange } from '../plan/describe-change.ts';
import { buildPlan } from '../plan/plan.ts';
import { alarmSecretsOf, planAlarms } from './alarm-ways.ts';

const sending = { host: 'smtp.example.com', port: 587, user: 'u', from: 'cloud@example.com' };
const alarms = { ntfy: 'https://ntfy.sh', webhook: true, email: true };
const owner = { name: 'Ada', email: 'ada@example.com' };
const domains = [{ name: 'example.org', dns: 'manual' }];
const config = { alarms, sending, owner, domains };

test('a plan has the ways and the generations of their secrets, and no value of one', () => {
  const planned = planAlarms(config, { 'alarm-webhook': 3 }, 'https://me.example.org/');
  assert.deepEqual(planned?.ntfy, { server: 'https://ntfy.sh', click: 'https://me.example.org/' });
  assert.deepEqual(planned?.secrets, {
    'alarm-ntfy-topic': 0,
    'alarm-ntfy-token': 0,
    'alarm-webhook': 3,
    'alarm-webhook-token': 0,
    'sending-password': 0,
  });
  assert.equal(planned?.email?.to, 'ada@example.com');
  assert.equal(planned?.email?.account.password, undefined);
  assert.equal(planAlarms({ ...config, alarms: { webhook: false, email: false } }, {}, undefined), undefined);
});

test('each way requires its address, and a token only if it is set', () => {
  assert.deepEqual(alarmSecretsOf(alarms).required, [
    'alarm-ntfy-topic',
    'alarm-webhook',
    'sending-password',
  ]);
  assert.deepEqual(alarmSecretsOf(undefined), { used: [], required: [] });
});

test('a plan shows by which ways, and which secret is new', () => {
  const pins = { version: 2 as const, images: exampleImages };
  const plan = buildPlan({ ...exampleConfig, alarms, sending }, exampleCatalogue, pins);
  const next = buildPlan({ ...exampleConfig, alarms, sending }, exampleCatalogue, {
    ...pins,
    given: { 'alarm-ntfy-topic': 1 },
  });
  const type = 'haven:index:Alarms';
  const change = { type, name: 'alarms', properties: ['ways'], after: { ways: next.alarms } };
  const created = describeChange({ ...change, kind: 'create' }, next);
  assert.equal(created.what, 'Alarms');
  assert.match(created.name, /^ntfy \(https:\/\/ntfy\.sh\), webhook, email to /);
  const updated = describeChange({ ...change, kind: 'update', before: { ways: plan.alarms } }, next);
  assert.equal(updated.detail, 'changed: alarm-ntfy-topic');
  const removed = describeChange(
    { ...change, kind: 'delete', before: { ways: plan.alarms }, after: undefined! },
    plan,
  );
  assert.equal(removed.detail, 'no more alarms are sent');
});
