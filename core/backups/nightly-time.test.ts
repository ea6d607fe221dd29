import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderNightlyTime } from './nightly-time.ts';

test('the nightly time is a calendar event of systemd, in the time zone of the owner', () => {
  assert.equal(
    renderNightlyTime({ time: '03:30', timeZone: 'Europe/Berlin' }),
    '*-*-* 03:30:00 Europe/Berlin',
  );
});
