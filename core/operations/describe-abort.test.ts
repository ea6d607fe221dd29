import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeAbort } from './describe-abort.ts';
import type { Entry, Operation, Step } from './entries.ts';

const at = '2026-01-01T00:00:00Z';
const operation: Operation = {
  id: '1',
  service: 'gitea',
  from: 'a',
  to: 'b',
  touchesPrograms: true,
  versions: { from: '1.25.4', to: '1.25.5' },
};
const open = (change: Partial<Operation> = {}): Entry => ({
  entry: 'open',
  at,
  operation: { ...operation, ...change },
});
const begun = (step: Step): Entry => ({ entry: 'do', at, op: '1', step });
const commit: Entry = { entry: 'commit', at, op: '1' };
const threeTries = (step: Step): Entry[] =>
  [1, 2, 3].map(() => ({ entry: 'retry', at, op: '1', step, why: 'web ended with status 2' }));

test('an abort before the commit says which version is back', () => {
  assert.equal(
    describeAbort([open(), begun('prepare')]),
    'The change of gitea is undone: its previous version (1.25.4) is back, with the data from before.',
  );
  assert.match(describeAbort([open({ versions: {} })]), /its previous version is back/);
  assert.match(describeAbort([open({ from: null })]), /gitea is undone: it is removed again/);
});

test('an abort of an undo that is stuck says what does not work', () => {
  const failed: Entry = { entry: 'failed', at, op: '1', step: 'stop-old', why: 'no' };
  assert.match(
    describeAbort([open(), begun('stop-old'), failed, ...threeTries('stop-old')]),
    /\(1\.25\.4\) is back, .* It may not work: starting the previous version fails: web ended with status 2$/,
  );
});

test('an abort after the commit says that the new version stays', () => {
  assert.equal(
    describeAbort([open(), commit]),
    'The new version of gitea (1.25.5) already runs, and stays. What is left to do after the change is given up.',
  );
  assert.match(describeAbort([open({ to: null }), commit]), /gitea is already removed, and stays removed/);
  assert.match(
    describeAbort([open(), commit, begun('leave-maintenance'), ...threeTries('leave-maintenance')]),
    /given up: leaving maintenance fails: web ended with status 2$/,
  );
});

test('an abort of a backup or a restore says what the service has then', () => {
  const backup = open({ to: 'a', task: { kind: 'backup', why: 'nightly' } });
  const restore = open({ to: 'a', task: { kind: 'restore', source: { backup: 'x' }, at } });
  assert.equal(
    describeAbort([backup, begun('snapshot')]),
    'The backup of gitea is given up: gitea runs again, as before.',
  );
  assert.match(describeAbort([backup, commit]), /^The backup of gitea is already made\./);
  assert.equal(
    describeAbort([restore, begun('replace')]),
    'The restore of gitea is undone: it runs again with the data from before.',
  );
  assert.match(describeAbort([restore, commit]), /^The data of gitea is already restored, and stays\./);
});
