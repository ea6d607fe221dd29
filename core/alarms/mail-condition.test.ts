import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WayMemory } from '../mail/choose-way.ts';
import { newsFor, noMemory, rememberFailure, rememberLook, rememberTold } from './alarm-memory.ts';
import { renderAlarm } from './alarm-message.ts';
import type { Found } from './find-conditions.ts';
import { mailConditions } from './mail-condition.ts';

const memory: WayMemory = {
  release: 'r',
  way: 'relay',
  port25: 'blocked',
  port25At: 0,
  relay: { host: 'smtp.relay.example', at: 0, answer: { result: 'refused', said: 'secret-of-the-relay' } },
  notices: [],
};
const found = (more: Partial<WayMemory>): string =>
  mailConditions({ ...memory, ...more })
    .map(({ what, fix }) => `${what} ${fix}`)
    .join();

test('a relay that refuses the login is told, without what it said', () => {
  assert.match(
    found({}),
    /^The relay smtp\.relay\.example refuses the login, so email waits on the server\./,
  );
  assert.match(found({}), /haven secret set mail-relay-password/);
  assert.doesNotMatch(found({}), /secret-of-the-relay/);
});

test('a relay that is not used, and one that takes the login, are nothing to tell', () => {
  assert.equal(found({ way: 'direct', port25: 'open' }), '');
  assert.equal(found({ relay: { ...memory.relay!, answer: { result: 'good' } } }), '');
});

test('port 25 that is blocked is told where no relay sends', () => {
  assert.match(found({ way: 'direct' }), /^Port 25 is blocked, so email to others waits/);
  assert.equal(found({ way: 'direct', port25: 'unknown' }), '');
});

const start = Date.parse('2026-11-29T12:00:00Z');
const minute = 60_000;
const looked = (...notices: { at: number; text: string }[]): Found => ({
  conditions: [],
  notices,
  unknown: () => false,
});

test('a notice reaches each receiver once, also after a message that was not delivered', () => {
  const notice = { at: start + minute, text: 'Email now goes directly.' };
  let memory = rememberLook(noMemory, looked(), ['a', 'b'], start);
  memory = rememberLook(memory, looked(notice), ['a', 'b'], start + 2 * minute);
  const [a, b] = ['a', 'b'].map((way) => newsFor(memory, way, start + 2 * minute));
  assert.deepEqual(a?.notices, [notice]);
  const message = renderAlarm('example.org', a!, start);
  assert.equal(message.kind, 'notice');
  assert.equal(message.title, 'example.org: for your information');
  assert.equal(message.text, notice.text);
  memory = rememberTold(memory, 'a', a!, start + 2 * minute);
  memory = rememberFailure(memory, 'b', { why: '', fix: '' }, start + 2 * minute);
  memory = rememberLook(memory, looked(notice), ['a', 'b'], start + 3 * minute);
  assert.equal(newsFor(memory, 'a', start + 3 * minute), undefined);
  assert.deepEqual(newsFor(memory, 'b', start + 3 * minute)?.notices, b?.notices);
});

test('a new receiver is not told what happened before', () => {
  const notice = { at: start - minute, text: 'Email now goes directly.' };
  const memory = rememberLook(noMemory, looked(notice), ['new'], start);
  assert.equal(newsFor(memory, 'new', start), undefined);
});
