import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from './entries.ts';
import { formerReleases, historyOf, undoneOperations } from './history.ts';

test('lists the releases that ran before, newest first, without undone ones', () => {
  const operation = (id: string, to: string, outcome: 'committed' | 'undone'): Entry[] => [
    {
      entry: 'open',
      at: `2026-01-01T00:00:0${id}Z`,
      operation: { id, service: 's', from: null, to, touchesPrograms: true },
    },
    { entry: 'finished', at: `2026-01-01T00:00:0${id}Z`, op: id, outcome },
  ];
  const journal = [
    ...operation('1', 'a', 'committed'),
    ...operation('2', 'b', 'committed'),
    ...operation('3', 'bad', 'undone'),
    ...operation('4', 'c', 'committed'),
  ];
  assert.deepEqual(formerReleases(journal), ['b', 'a']);
  assert.deepEqual(undoneOperations(journal), ['3']);
  assert.deepEqual(
    historyOf(journal).map((each) => each.outcome),
    ['committed', 'committed', 'undone', 'committed'],
  );
});
