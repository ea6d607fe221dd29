import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AlarmMemory,
  currentConditions,
  newsFor,
  noMemory,
  rememberFailure,
  rememberLook,
  rememberTold,
} from './alarm-memory.ts';
import type { Condition } from './condition.ts';

const start = Date.parse('2026-11-29T12:00:00Z');
const minute = 60_000;
const disk: Condition = {
  kind: 'disk',
  subject: 'volume',
  what: 'The volume is 81 % full.',
  fix: 'Do this.',
};
const gitea: Condition = { kind: 'service', subject: 'gitea', what: 'gitea does not work.', fix: 'Do that.' };

/** A server that looks each minute, and receivers that answer or don't. */
class Server {
  memory: AlarmMemory = noMemory;
  now = start;
  ways = ['ntfy'];
  readonly deaf = new Set<string>();
  readonly unknown = new Set<string>();

  /** What each receiver got in this look, in short. */
  look(...conditions: Condition[]): string[] {
    this.now += minute;
    const found = { conditions, unknown: (key: string) => this.unknown.has(key) };
    this.memory = rememberLook(this.memory, found, this.ways, this.now);
    return this.ways.flatMap((way) => {
      const news = newsFor(this.memory, way, this.now);
      if (!news) return [];
      const refused = { why: 'it answers 500', fix: 'Wait.' };
      const isDeaf = this.deaf.has(way);
      this.memory = isDeaf
        ? rememberFailure(this.memory, way, refused, this.now)
        : rememberTold(this.memory, way, news, this.now);
      const shown = Object.entries(news).flatMap(([state, list]) =>
        list.map((each: Condition) => `${state} ${each.subject}`),
      );
      return isDeaf ? [] : [`${way}: ${shown.join(', ')}`];
    });
  }
}

test('tells a condition once, when it was found in two looks, and once when it is over', () => {
  const server = new Server();
  assert.deepEqual(server.look(disk), []);
  assert.deepEqual(server.look(disk), ['ntfy: begun volume']);
  for (let looks = 0; looks < 60; looks++) assert.deepEqual(server.look(disk), []);
  assert.deepEqual(server.look(), []);
  assert.deepEqual(server.look(), ['ntfy: over volume']);
  assert.deepEqual(server.look(), []);
});

test('a short one alarms nobody, and one that comes and goes is told once', () => {
  const server = new Server();
  server.look(disk);
  assert.deepEqual(server.look(), []);
  assert.deepEqual(server.look(disk), []);
  assert.deepEqual(server.look(disk), ['ntfy: begun volume']);
  assert.deepEqual(server.look(), []);
  assert.deepEqual(server.look(disk), []);
  assert.deepEqual(server.look(), []);
  assert.deepEqual(server.look(disk), []);
});

test('a service has three looks to come up', () => {
  const server = new Server();
  assert.deepEqual([server.look(gitea), server.look(gitea)], [[], []]);
  assert.deepEqual(server.look(gitea), ['ntfy: begun gitea']);
});

test('several at once are one message', () => {
  const server = new Server();
  server.look(gitea);
  server.look(gitea, disk);
  assert.deepEqual(server.look(gitea, disk), ['ntfy: begun gitea, begun volume']);
});

test('is told again after a day while it lasts', () => {
  const server = new Server();
  server.look(disk);
  server.look(disk);
  server.now += 24 * 60 * minute;
  assert.deepEqual(server.look(disk), ['ntfy: lasting volume']);
  assert.deepEqual(server.look(disk), []);
});

test('what was not delivered is told once the receiver answers, and each receiver for itself', () => {
  const server = new Server();
  server.ways = ['ntfy', 'webhook'];
  server.deaf.add('webhook');
  server.look(disk);
  assert.deepEqual(server.look(disk), ['ntfy: begun volume']);
  assert.deepEqual(server.look(disk), []);
  const { failing } = server.memory.receivers.webhook!;
  assert.deepEqual(failing, {
    since: new Date(start + 2 * minute).toISOString(),
    why: 'it answers 500',
    fix: 'Wait.',
  });
  server.deaf.clear();
  assert.deepEqual(server.look(disk), ['webhook: begun volume']);
  assert.equal(server.memory.receivers.webhook?.failing, undefined);
});

test('what was over before a receiver answered is told as over, and the memory stays small', () => {
  const server = new Server();
  server.deaf.add('ntfy');
  for (let number = 0; number < 100; number++) {
    const each = { ...disk, subject: `disk-${number}` };
    server.look(each);
    server.look(each);
  }
  server.look();
  assert.equal(server.memory.receivers.ntfy?.missed.length, 20);
  server.deaf.clear();
  assert.match(server.look().join(), /^ntfy: over disk-80, .*over disk-99$/);
  assert.deepEqual(server.look(), []);
});

test('a condition that a look can not see stays as it is', () => {
  const server = new Server();
  server.look(disk);
  server.look(disk);
  server.unknown.add('disk volume');
  for (let looks = 0; looks < 5; looks++) assert.deepEqual(server.look(), []);
  assert.deepEqual(
    currentConditions(server.memory).map(({ subject, since }) => [subject, since]),
    [['volume', new Date(start + minute).toISOString()]],
  );
});

test('a new receiver is told what lasts, and one that is gone is forgotten', () => {
  const server = new Server();
  server.ways = [];
  server.look(disk);
  server.look(disk);
  server.ways = ['webhook'];
  assert.deepEqual(server.look(disk), ['webhook: begun volume']);
  server.ways = [];
  server.look(disk);
  assert.deepEqual(server.memory.receivers, {});
});
