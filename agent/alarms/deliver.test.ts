import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderTest } from '../../core/alarms/alarm-message.ts';
import { listenReceiver } from '../../test/support/alarm-receiver.ts';
import { scratch } from '../../test/support/scratch.ts';
import { Layout } from '../store/layout.ts';
import type { AlarmOrder } from './alarm-order.ts';
import { deliver } from './deliver.ts';

const layout = new Layout(scratch('alarms'));
const message = renderTest('example.org', Date.parse('2026-11-29T12:00:00Z'));
const orderTo = (url: string): AlarmOrder => ({
  ways: { cloud: 'example.org', ntfy: { server: url }, webhook: true, secrets: {} },
  secrets: {
    'alarm-ntfy-topic': 'secret-topic',
    'alarm-ntfy-token': 'tk_1',
    'alarm-webhook': `${url}/hook/secret-key`,
  },
});

test('delivers to ntfy with its topic and token, and to a webhook at its whole address', async (t) => {
  const receiver = await listenReceiver();
  t.after(receiver.close);
  const order = orderTo(receiver.url);
  assert.deepEqual(await deliver(layout, order, 'ntfy', message), { way: 'ntfy', status: 200 });
  assert.deepEqual(await deliver(layout, order, 'webhook', message), { way: 'webhook', status: 200 });
  const [ntfy, webhook] = receiver.got;
  assert.equal(ntfy?.path, '/secret-topic');
  assert.equal(ntfy?.headers.authorization, 'Bearer tk_1');
  assert.equal(ntfy?.headers.title, 'example.org: test');
  assert.equal(webhook?.path, '/hook/secret-key');
  assert.equal(webhook?.headers.authorization, undefined);
  assert.equal((JSON.parse(webhook?.body ?? '') as { kind: string }).kind, 'test');
});

test('a receiver that refuses is named with what to do, and never with its address', async (t) => {
  const receiver = await listenReceiver();
  t.after(receiver.close);
  const said = async (status: number, way: 'ntfy' | 'webhook' = 'ntfy'): Promise<string> => {
    receiver.status = status;
    const delivery = await deliver(layout, orderTo(receiver.url), way, message);
    assert.equal(delivery.status, status);
    assert.doesNotMatch(JSON.stringify(delivery), /secret-(topic|key)|tk_1/);
    return `${delivery.refusal?.why}. ${delivery.refusal?.fix}`;
  };
  assert.match(
    await said(403),
    /^it answers 403\. .*haven secret set alarm-ntfy-token {3}Then run: haven up$/,
  );
  assert.match(await said(404, 'webhook'), /haven secret set alarm-webhook {3}Then/);
  assert.match(await said(503), /tried again each minute/);
  receiver.headers = { location: `${receiver.url}/elsewhere` };
  assert.match(await said(302), /leads to another address\. Use that one/);
  assert.ok(!receiver.got.some(({ path }) => path === '/elsewhere'), 'no redirect is followed');
});

test('a receiver that is gone or silent ends after a time limit', async () => {
  const receiver = await listenReceiver();
  receiver.isSilent = true;
  const silent = await deliver(layout, orderTo(receiver.url), 'ntfy', message, 200);
  assert.match(silent.refusal?.why ?? '', /did not answer within 10 seconds/);
  await receiver.close();
  const gone = await deliver(layout, orderTo(receiver.url), 'webhook', message);
  assert.match(gone.refusal?.why ?? '', /nothing listens at its address/);
});
