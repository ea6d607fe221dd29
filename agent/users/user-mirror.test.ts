import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedSides } from './user-mirror.ts';

const changed = (...given: Parameters<typeof changedSides>) => Object.fromEntries(changedSides(...given));

test('applies a lock or unlock in LDAP at the login', () => {
  assert.deepEqual(changed([], ['ada'], []), { ada: false });
  assert.deepEqual(changed(['ada'], [], []), { ada: true });
});

test('applies a change at the login in LDAP', () => {
  assert.deepEqual(changed([], [], [['ada', false]]), { ada: false });
  assert.deepEqual(changed(['ada'], ['ada'], [['ada', true]]), { ada: true });
});

test('ignores events of the login that LDAP has already overtaken', () => {
  assert.deepEqual(changed([], ['ada'], [['ada', true]]), { ada: false });
  assert.deepEqual(changed(['ada'], ['ada'], [['ada', false]]), {});
  assert.deepEqual(changed([], [], [['ada', true]]), {});
});

test('disabling wins when both sides changed at once', () => {
  assert.deepEqual(changed(['bob'], [], [['bob', false]]), { bob: true });
  assert.deepEqual(changed([], ['bob'], [['bob', true]]), { bob: false });
});

test('leaves the accounts of login checks alone, which each check enables and disables', () => {
  assert.deepEqual(changed([], ['haven-check', 'haven-check-admin', 'ada'], []), { ada: false });
  assert.deepEqual(changed(['haven-check'], [], []), {});
  assert.deepEqual(changed([], [], [['haven-check-admin', false]]), {});
});
