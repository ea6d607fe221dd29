import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MailSending } from '../service.ts';
import { chooseWay, dueTries, type WayMemory, withNotice } from './choose-way.ts';

const minute = 60_000;
const hour = 60 * minute;
const now = Date.parse('2026-11-29T12:00:00Z');
const relay = { host: 'smtp.relay.example', port: 587, user: 'ada' };
const auto: MailSending = { mode: 'auto', relay };
const onRelay: WayMemory = {
  release: 'r1',
  way: 'relay',
  port25: 'blocked',
  port25At: now,
  relay: { host: relay.host, at: now, answer: { result: 'good' } },
  notices: [],
};
const onDirect: WayMemory = { ...onRelay, way: 'direct', port25: 'open' };

test('email goes directly where port 25 is open, by the relay where it is blocked, and stays where that is unknown', () => {
  assert.equal(chooseWay(auto, 'open', 'relay'), 'direct');
  assert.equal(chooseWay(auto, 'blocked', 'direct'), 'relay');
  for (const way of ['direct', 'relay'] as const) assert.equal(chooseWay(auto, 'unknown', way), way);
});

test('what haven.yaml says comes first, and without a relay there is one way', () => {
  assert.equal(chooseWay({ mode: 'relay', relay }, 'open', 'direct'), 'relay');
  assert.equal(chooseWay({ mode: 'direct', relay }, 'blocked', 'relay'), 'direct');
  assert.equal(chooseWay({ mode: 'auto' }, 'blocked', 'direct'), 'direct');
});

test('a new release has everything tried', () => {
  assert.deepEqual(dueTries(undefined, 'r1', true, now), { port25: true, relay: true });
  assert.deepEqual(dueTries(onRelay, 'r2', true, now), { port25: true, relay: true });
  assert.deepEqual(dueTries(undefined, 'r1', false, now), { port25: true, relay: false });
});

test('sending directly is tried daily while a relay sends, and hourly while it is the way', () => {
  const port25 = (memory: WayMemory, later: number) => dueTries(memory, 'r1', true, now + later).port25;
  assert.equal(port25(onRelay, 24 * hour - 1), false);
  assert.equal(port25(onRelay, 24 * hour), true);
  assert.equal(port25(onDirect, hour - 1), false);
  assert.equal(port25(onDirect, hour), true);
});

test('a relay is tried hourly while it sends, sooner after it refused, and not while it is not used', () => {
  const tried = (memory: WayMemory, later: number) => dueTries(memory, 'r1', true, now + later).relay;
  assert.equal(tried(onRelay, hour - 1), false);
  assert.equal(tried(onRelay, hour), true);
  const refused: WayMemory = {
    ...onRelay,
    relay: { host: relay.host, at: now, answer: { result: 'refused', said: '535' } },
  };
  assert.equal(tried(refused, 9 * minute), false);
  assert.equal(tried(refused, 10 * minute), true);
  assert.equal(tried(onDirect, 24 * hour), false);
});

test('the owner is told each switch once, and nothing of what haven.yaml says', () => {
  const texts = (sending: MailSending, before: WayMemory | undefined, way: 'direct' | 'relay') =>
    withNotice(sending, before, way, now).map(({ text }) => text);
  assert.match(texts(auto, onRelay, 'direct').join(), /^Email now goes directly to other mail servers/);
  assert.match(
    texts(auto, onDirect, 'relay').join(),
    /^Email now goes by the relay smtp\.relay\.example: port 25/,
  );
  assert.deepEqual(texts(auto, onRelay, 'relay'), []);
  assert.deepEqual(texts(auto, undefined, 'relay'), [], 'the first one is told by haven up');
  assert.deepEqual(texts({ mode: 'direct', relay }, onRelay, 'direct'), []);
  const many: WayMemory = { ...onRelay, notices: Array.from({ length: 10 }, (_, at) => ({ at, text: '' })) };
  assert.equal(withNotice(auto, many, 'direct', now).length, 10);
});
