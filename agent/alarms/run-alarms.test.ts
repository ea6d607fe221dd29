import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Facts } from '../../core/alarms/find-conditions.ts';
import { listenReceiver } from '../../test/support/alarm-receiver.ts';
import { scratch } from '../../test/support/scratch.ts';
import { Layout } from '../store/layout.ts';
import { type AlarmOrder, putAlarmOrder, readAlarmWays, removeAlarmOrder } from './alarm-order.ts';
import { readAlarmMemory, runAlarms, testAlarms } from './run-alarms.ts';

const minute = 60_000;
const start = Date.parse('2026-11-29T12:00:00Z');

/** A server on which one disk can be filled, and that looks each minute. */
function server() {
  process.env.HAVEN_ALARMS = join(scratch('alarms'), 'kept');
  const layout = new Layout(scratch('volume'));
  let now = start;
  let usedShare = 0.5;
  const gather = async (): Promise<Facts> => ({
    now,
    upSeconds: 3600,
    failedUnits: [],
    isGuarding: true,
    overLimit: [],
    status: { at: now, services: [] },
    journals: {},
    disks: [{ name: 'volume', usedShare, fix: 'Run: haven up' }],
    certificates: {},
    backups: null,
  });
  return {
    layout,
    fill: (share: number) => {
      usedShare = share;
    },
    look: async (times = 1) => {
      for (let each = 0; each < times; each++) {
        now += minute;
        await runAlarms(layout, now, gather);
      }
    },
  };
}

const orderTo = (url: string): AlarmOrder => ({
  ways: { cloud: 'example.org', ntfy: { server: url }, secrets: { 'alarm-ntfy-topic': 1 } },
  secrets: { 'alarm-ntfy-topic': 'secret-topic' },
});

test('tells a receiver once, and once when it is good again', async (t) => {
  const receiver = await listenReceiver();
  t.after(receiver.close);
  const { layout, look, fill } = server();
  putAlarmOrder(layout, orderTo(receiver.url));
  fill(0.85);
  await look(5);
  assert.deepEqual(
    receiver.got.map(({ body }) => body),
    ['The volume is 85 % full. Since 2026-11-29 12:01 UTC.\nRun: haven up'],
  );
  fill(0.5);
  await look(5);
  assert.equal(receiver.got.length, 2);
  assert.match(
    receiver.got[1]!.body,
    /^Good again\. It was, since 2026-11-29 12:01 UTC: The volume is 85 % full\.$/,
  );
});

test('a message that was refused is sent with a later look, and until then it is known since when', async (t) => {
  const receiver = await listenReceiver();
  t.after(receiver.close);
  const { layout, look, fill } = server();
  putAlarmOrder(layout, orderTo(receiver.url));
  receiver.status = 500;
  fill(0.85);
  await look(4);
  const failing = () => Object.values(readAlarmMemory(layout).receivers).map((each) => each.failing?.since);
  assert.deepEqual(failing(), [new Date(start + 2 * minute).toISOString()]);
  receiver.status = 200;
  receiver.got.length = 0;
  await look(3);
  assert.equal(receiver.got.length, 1);
  assert.deepEqual(failing(), [undefined]);
});

test('the secrets are in files that only root can read, and in nothing that leaves the server', async (t) => {
  const receiver = await listenReceiver();
  t.after(receiver.close);
  const { layout, look } = server();
  putAlarmOrder(layout, orderTo(receiver.url));
  await look();
  for (const name of readdirSync(layout.alarms))
    assert.equal(statSync(join(layout.alarms, name)).mode & 0o077, 0, name);
  assert.equal(statSync(layout.alarms).mode & 0o077, 0);
  assert.doesNotMatch(JSON.stringify([readAlarmWays(layout), readAlarmMemory(layout)]), /secret-topic/);
});

test('a receiver with a new address is told what lasts, and one that is removed nothing more', async (t) => {
  const [former, next] = [await listenReceiver(), await listenReceiver()];
  t.after(() => Promise.all([former.close(), next.close()]));
  const { layout, look, fill } = server();
  putAlarmOrder(layout, orderTo(former.url));
  fill(0.85);
  await look(3);
  putAlarmOrder(layout, orderTo(next.url));
  await look(2);
  assert.deepEqual([former.got.length, next.got.length], [1, 1]);
  removeAlarmOrder(layout);
  assert.equal(readAlarmWays(layout), null);
  fill(0.5);
  await look(3);
  assert.deepEqual([former.got.length, next.got.length], [1, 1]);
});

test('a test message goes out by each way at once, and counts as no alarm', async (t) => {
  const receiver = await listenReceiver();
  t.after(receiver.close);
  const { layout } = server();
  assert.deepEqual(await testAlarms(layout), [], 'no way is set up');
  putAlarmOrder(layout, orderTo(receiver.url));
  assert.deepEqual(await testAlarms(layout), [{ way: 'ntfy', status: 200 }]);
  assert.equal(receiver.got[0]?.headers.title, 'example.org: test');
});
