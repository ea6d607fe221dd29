import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlarmList } from '../../../agent/alarms/alarm-commands.ts';
import type { Delivery } from '../../../agent/alarms/deliver.ts';
import { fails, openCloud, succeeds, type } from '../../../test/support/typist.ts';

const topic = 'a-topic-with-a-long-name';
const yaml = 'alarms:\n  ntfy: https://ntfy.sh\n  webhook: true';
const refusal = { why: 'it answers 403', fix: 'Set a token.' };
const good: AlarmList = { checkedAt: new Date().toISOString(), alarms: [], receivers: [{ way: 'ntfy' }] };

/** A cloud with both ways and their secrets, and a server. */
async function openWithSecrets(agent: Record<string, () => unknown>) {
  const cloud = await openCloud({ yaml, agent });
  await type(['secret', 'set', 'alarm-ntfy-topic'], { input: topic });
  await type(['secret', 'set', 'alarm-webhook'], { input: 'https://hooks.example.com/secret-key' });
  return cloud;
}

test('sends a test by each way, and says which one refused it and what to do', async () => {
  const answers: Delivery[] = [{ way: 'ntfy', status: 200 }, { way: 'email' }];
  const cloud = await openWithSecrets({ 'alarm-test': () => answers });
  const { screen, json } = await succeeds('alarm test');
  assert.match(screen.stdout, /✔ ntfy +delivered \(200\)\n +✔ email +delivered\n/);
  assert.deepEqual(json, [
    { way: 'ntfy', delivered: true, status: 200 },
    { way: 'email', delivered: true },
  ]);
  cloud.agent.answers['alarm-test'] = () => [{ way: 'webhook', status: 403, refusal }];
  const refused = await type(['alarm', 'test']);
  assert.match(refused.stdout, /✖ webhook +not delivered: it answers 403\. Set a token\./);
  assert.equal(refused.code, 1);
  cloud.agent.answers['alarm-test'] = () => [];
  const none = await type(['alarm', 'test']);
  assert.match(none.stdout, /does not have your alarms yet\. Run: haven up/);
  assert.equal(none.code, 1);
});

test('a cloud without a way to send alarms is told how to add one', async () => {
  await openCloud({ agent: { 'alarm-test': () => [] } });
  await fails(['alarm', 'test'], 'failed', /has no way to send alarms\. Add "alarms" to haven\.yaml/);
});

test('lists what is wrong, since when and what to do, without any way too', async () => {
  const cloud = await openCloud({ agent: { 'alarm-list': () => ({ ...good, receivers: [] }) } });
  assert.match((await succeeds('alarm list')).screen.stdout, /No alarms\. The server last looked at /);
  const since = '2026-11-29T12:00:00.000Z';
  const list: AlarmList = {
    checkedAt: since,
    alarms: [{ kind: 'timer', subject: 'u', what: 'u failed.', fix: 'Do this.', since, detail: 'one\ntwo' }],
    receivers: [{ way: 'ntfy', failing: { since, ...refusal } }],
  };
  cloud.agent.answers['alarm-list'] = () => list;
  const { screen, json } = await succeeds('alarm list');
  assert.match(
    screen.stdout,
    /✖ u failed\. Since 2026-11-29T12:00:00\.000Z\.\n {4}Do this\.\n {6}one\n {6}two\n/,
  );
  assert.match(screen.stdout, /! Alarms can't be delivered by ntfy since .*: it answers 403\. Set a token\./);
  assert.deepEqual(json, list);
  cloud.agent.answers['alarm-list'] = () => ({ ...good, checkedAt: null });
  assert.match((await type(['alarm', 'list'])).stdout, /has not looked yet/);
});

test('haven status says if alarms are sent, and since when one could not be delivered', async () => {
  let list: AlarmList = good;
  await openWithSecrets({
    clock: () => ({ now: Date.now() }),
    list: () => [],
    disks: () => [],
    'ban-list': () => ({ isGuarding: true, bans: [] }),
    'alarm-list': () => list,
  });
  const status = async () => (await type(['status'])).stdout;
  assert.match(await status(), /✔ alarms +are sent by ntfy/);
  list = {
    ...good,
    receivers: [{ way: 'ntfy', failing: { since: '2026-11-29T12:00:00.000Z', ...refusal } }],
  };
  assert.match(await status(), /✖ alarms +an alarm could not be delivered by ntfy since 2026-11-29T12:00/);
  list = { ...good, receivers: [] };
  assert.match(await status(), /✖ alarms +the server does not have your alarms yet\. Run: haven up/);
  list = { ...good, checkedAt: '2026-01-01T00:00:00.000Z' };
  assert.match(await status(), /✖ alarms +the server last looked for alarms at 2026-01-01/);
});

test('alarms without their secrets are a problem with the command to run, and both at once', async () => {
  await openCloud({ yaml, agent: {} });
  await fails(
    ['status'],
    'failed',
    /alarm-ntfy-topic: is missing.*haven secret set alarm-ntfy-topic\n.*alarm-webhook: is missing/,
  );
});

test('a topic that can be guessed and an address that is not https are refused, and saved with --no-check', async () => {
  const cloud = await openCloud({ yaml });
  const refuse = (name: string, input: string, said: RegExp) =>
    fails(['secret', 'set', name], 'failed', said, { input });
  await refuse('alarm-ntfy-topic', 'mycloud', /fewer than 16 characters, so it could be guessed.*--no-check/);
  await refuse('alarm-ntfy-topic', 'https://ntfy.sh/a-topic-of-mine', /may only have the characters/);
  await refuse('alarm-webhook', 'http://hooks.example.com/x', /must begin with https/);
  assert.equal(
    (await type(['secret', 'set', 'alarm-ntfy-topic', '--no-check'], { input: 'mycloud' })).code,
    0,
  );
  assert.equal((await cloud.secrets()).get('alarm-ntfy-topic'), 'mycloud');
});

test('a token that is set or removed is a new generation, so that a plan shows it', async () => {
  const cloud = await openCloud({ yaml });
  await type(['secret', 'set', 'alarm-ntfy-token'], { input: 'tk_1' });
  assert.match(cloud.read('haven.lock'), /"alarm-ntfy-token": 1/);
  await type(['secret', 'remove', 'alarm-ntfy-token', '--yes']);
  assert.match(cloud.read('haven.lock'), /"alarm-ntfy-token": 2/);
  assert.doesNotMatch(cloud.read('haven.lock'), /tk_1/);
});
