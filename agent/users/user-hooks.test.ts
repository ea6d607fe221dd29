import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { releaseHash } from '../../core/release/release.ts';
import type { UserHookName } from '../../core/service.ts';
import { plainBundle } from '../../test/support/plain-bundle.ts';
import { scratch } from '../../test/support/scratch.ts';
import { storeBundle } from '../store/bundle-store.ts';
import { Layout } from '../store/layout.ts';
import { notOvertaken, type PendingTask, tellServices } from './user-hooks.ts';

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

test('a service whose hook prints without end keeps no other from being told, and is told again later', async () => {
  const root = scratch('user-hooks');
  const layout = new Layout(join(root, 'haven'), join(root, 'run'));
  const hook = { container: 'web', command: ['true'] };
  const userHooks = { logOut: hook, disable: hook, enable: hook, remove: hook };
  for (const service of ['evil', 'gitea']) {
    const own = plainBundle(service, { userHooks });
    const hash = releaseHash(own);
    storeBundle(layout, own, hash);
    symlinkSync(`releases/${hash}`, layout.current(service));
  }
  mkdirSync(layout.users, { recursive: true });
  // Instead of Docker: what runs in the containers of each service.
  const docker =
    '#!/bin/sh\ncase "$*" in *haven-evil*) exec yes evil;; *) echo "$*" >> "$HOOK_RUNS"; echo told;; esac\n';
  writeFileSync(join(root, 'docker'), docker, { mode: 0o755 });
  const runs = join(root, 'runs');
  Object.assign(process.env, { PATH: `${root}:${process.env.PATH}`, HOOK_RUNS: runs });

  const told = await tellServices(layout, { hook: 'disable', user: { name: 'ada', subject: 'a-1' } });
  assert.ok(existsSync(runs), 'the other service was told');
  assert.deepEqual(told.notes, ['gitea: told']);
  assert.deepEqual(
    told.left.map(({ service, reason }) => `${service}: ${reason}`),
    ['evil: its program was stopped, because it printed more than 1 MB'],
  );
});
