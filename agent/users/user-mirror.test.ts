import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedSides } from './user-mirror.ts';

const changed = (...given: Parameters<typeof changedSides>) => Object.fromEntries(changedSides(...given));

test('who is locked or unlocked in LDAP alone is carried over', () => {
  assert.deepEqual(changed([], ['ada'], []), { ada: false });
  assert.deepEqual(changed(['ada'], [], []), { ada: true });
});

test('who is switched at the login alone is carried over', () => {
  assert.deepEqual(changed([], [], [['ada', false]]), { ada: false });
  assert.deepEqual(changed(['ada'], ['ada'], [['ada', true]]), { ada: true });
});

test('what the login says of before is no change, and takes back nothing that LDAP says now', () => {
  assert.deepEqual(changed([], ['ada'], [['ada', true]]), { ada: false });
  assert.deepEqual(changed(['ada'], ['ada'], [['ada', false]]), {});
  assert.deepEqual(changed([], [], [['ada', true]]), {});
});

test('switched to opposite ways at once, off wins', () => {
  assert.deepEqual(changed(['bob'], [], [['bob', false]]), { bob: true });
  assert.deepEqual(changed([], ['bob'], [['bob', true]]), { bob: false });
});
