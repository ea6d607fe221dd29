import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserHookName } from '../../core/service.ts';
import { notOvertaken, type PendingTask } from './user-hooks.ts';

const task = (hook: UserHookName, subject = 'ada'): PendingTask => ({
  service: 'gitea',
  hook,
  user: { name: subject, subject },
});
const left = (pending: PendingTask[], hook: UserHookName) =>
  notOvertaken(pending, task(hook)).map((each) => `${each.hook} ${each.user.subject}`);

test('a pending disable is dropped when the same user is enabled', () => {
  const pending = [task('disable'), task('disable', 'eve'), task('rename')];
  assert.deepEqual(left(pending, 'enable'), ['disable eve', 'rename ada']);
  assert.deepEqual(left([task('enable')], 'disable'), []);
});

test('a pending disable is kept after a rename, a logout or a removal', () => {
  for (const hook of ['rename', 'logOut', 'remove'] as const)
    assert.deepEqual(left([task('disable'), task('enable', 'eve')], hook), ['disable ada', 'enable eve']);
});
