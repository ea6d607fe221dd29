import assert from 'node:assert/strict';
import { test } from 'node:test';
import { undoOfData } from './undo-of-data.ts';

test('an undo before the start removes the data that was made, which is empty, and keeps all other', () => {
  for (const rollback of ['with-release', 'never'] as const) {
    assert.equal(undoOfData({ isNew: true, isStarted: false, rollback }), 'remove');
    assert.equal(undoOfData({ isNew: false, isStarted: false, rollback }), 'keep');
  }
});

test('an undo after the start restores data, unless it may never go back', () => {
  assert.equal(undoOfData({ isNew: false, isStarted: true, rollback: 'with-release' }), 'restore');
  assert.equal(undoOfData({ isNew: true, isStarted: true, rollback: 'with-release' }), 'remove');
  for (const isNew of [true, false])
    assert.equal(undoOfData({ isNew, isStarted: true, rollback: 'never' }), 'keep');
});

test('the undo of a restore puts back what was there, also data that is never rolled back', () => {
  for (const rollback of ['with-release', 'never'] as const)
    for (const isStarted of [true, false]) {
      assert.equal(undoOfData({ isNew: false, isStarted, isReplaced: true, rollback }), 'restore');
      assert.equal(undoOfData({ isNew: true, isStarted, isReplaced: true, rollback }), 'remove');
    }
});
