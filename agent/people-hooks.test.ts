import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeopleHookName } from '../services/service.ts';
import { type Errand, notOvertaken } from './people-hooks.ts';

const errand = (hook: PeopleHookName, subject = 'ada'): Errand => ({
  service: 'gitea',
  hook,
  person: { name: subject, subject },
});
const left = (pending: Errand[], hook: PeopleHookName) =>
  notOvertaken(pending, errand(hook)).map((each) => `${each.hook} ${each.person.subject}`);

test('to be switched off is overtaken by being switched on, of the same person alone', () => {
  const pending = [errand('disable'), errand('disable', 'eve'), errand('rename')];
  assert.deepEqual(left(pending, 'enable'), ['disable eve', 'rename ada']);
  assert.deepEqual(left([errand('enable')], 'disable'), []);
});

test('to be switched off is still to be done after another name, a logout or a removal', () => {
  for (const hook of ['rename', 'logOut', 'remove'] as const)
    assert.deepEqual(left([errand('disable'), errand('enable', 'eve')], hook), ['disable ada', 'enable eve']);
});
