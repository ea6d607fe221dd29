import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseZonedTime } from './zoned-time.ts';

const utc = (text: string, zone: string) => parseZonedTime(text, zone)?.toISOString();

test('reads a local time in the zone of the cloud, in summer and in winter', () => {
  assert.equal(utc('2026-11-28 03:30', 'Europe/Berlin'), '2026-11-28T02:30:00.000Z');
  assert.equal(utc('2026-07-28 03:30', 'Europe/Berlin'), '2026-07-28T01:30:00.000Z');
  assert.equal(utc('2026-07-28T03:30:15', 'Asia/Kolkata'), '2026-07-27T22:00:15.000Z');
  assert.equal(utc('2026-11-28 03:30', 'UTC'), '2026-11-28T03:30:00.000Z');
});

test('a day means its end, so that the last backup of that day is found', () => {
  assert.equal(utc('2026-11-28', 'Europe/Berlin'), '2026-11-28T22:59:59.000Z');
});

test('a time with its own zone needs no other', () => {
  assert.equal(utc('2026-11-28T02:30:00Z', 'Europe/Berlin'), '2026-11-28T02:30:00.000Z');
  assert.equal(utc('2026-11-28T03:30+01:00', 'UTC'), '2026-11-28T02:30:00.000Z');
});

test('around a change of clocks it stays within the hour', () => {
  // Germany skips 02:00 to 03:00 on 2026-03-29.
  assert.equal(utc('2026-03-29 01:59', 'Europe/Berlin'), '2026-03-29T00:59:00.000Z');
  assert.equal(utc('2026-03-29 03:00', 'Europe/Berlin'), '2026-03-29T01:00:00.000Z');
});

test('anything else is not a time', () => {
  for (const text of ['yesterday', '2026-13-01 10:00', '2026-02-30', '28.11.2026', '', '2026-11-28 3:30'])
    assert.equal(utc(text, 'UTC'), undefined, text);
});
