import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJournalLines } from './log-line.ts';

const entry = (fields: Record<string, unknown>) =>
  `${JSON.stringify({ __REALTIME_TIMESTAMP: '1795993254951000', _SYSTEMD_UNIT: 'docker.service', ...fields })}\n`;

test('lines with the time at which the journal got them', () => {
  assert.deepEqual(parseJournalLines(entry({ MESSAGE: 'one' }) + entry({ MESSAGE: 'two' })), [
    { at: '2026-11-29T23:00:54.951Z', text: 'one' },
    { at: '2026-11-29T23:00:54.951Z', text: 'two' },
  ]);
  assert.deepEqual(parseJournalLines(''), []);
});

test('a part of a line that Docker cut is none, since a stranger can choose where it begins', () => {
  const parts = entry({ MESSAGE: 'Nov 29 22:59:12 mail postfix/', CONTAINER_PARTIAL_MESSAGE: 'true' });
  assert.deepEqual(parseJournalLines(parts), []);
});

test('what is not text is left out', () => {
  assert.deepEqual(parseJournalLines(entry({ MESSAGE: [255, 254] }) + entry({ MESSAGE: null })), []);
});
