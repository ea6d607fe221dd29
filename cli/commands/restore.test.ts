import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RestoreOrder } from '../../agent/operations/restore-service.ts';
import type { Backup } from '../../core/backups/backup.ts';
import type { Entry, Operation } from '../../core/operations/entries.ts';
import { Text } from '../../test/support/stub-agent.ts';
import { fails, openCloud, succeeds, type } from '../../test/support/typist.ts';

const yaml = 'backups:\n  s3: { endpoint: https://fsn1.your-objectstorage.com, bucket: ada-backups }';
const at = '2026-11-28T02:30:00.000Z';
const backup = (id: string, moment: string): Backup => ({
  id,
  service: 'website',
  at: moment,
  release: 'r',
  version: '2.11.9',
  data: ['files'],
  why: 'nightly',
});
const backups = [backup('new', '2026-11-29T02:30:00.000Z'), backup('old', at)];

/** What the agent prints of a restore that ends so. */
const restored = (input: string, outcome: 'committed' | 'undone'): Text => {
  const { id, service, task } = JSON.parse(input) as RestoreOrder;
  const operation: Operation = { id, service, from: 'r', to: 'r', touchesPrograms: true, task };
  const entries: Entry[] = [
    { entry: 'open', at, operation },
    { entry: 'did', at, op: id, step: 'fetch' },
    ...(outcome === 'undone'
      ? [{ entry: 'failed', at, op: id, step: 'start', why: 'app ended with status 1' } as const]
      : []),
    { entry: 'finished', at, op: id, outcome },
  ];
  const lines = [...entries, { service, stoppedSeconds: 7 }].map((each) => JSON.stringify(each));
  return new Text(`${lines.join('\n')}\n`);
};
async function openWithBackups(outcome: 'committed' | 'undone' = 'committed') {
  const cloud = await openCloud({
    yaml,
    agent: {
      'backup-list': () => backups,
      history: () => [],
      restore: (_args: string[], input: string) => restored(input, outcome),
      'deploy-lock-release': () => null,
    },
  });
  await type(['secret', 'set', 'backup-s3-key'], { input: 'A'.repeat(20) });
  await type(['secret', 'set', 'backup-s3-secret'], { input: 'b'.repeat(40) });
  return cloud;
}
const orderOf = (cloud: Awaited<ReturnType<typeof openWithBackups>>): RestoreOrder =>
  JSON.parse(cloud.agent.asked.findLast(({ command }) => command === 'restore')!.input) as RestoreOrder;

test('restores the newest backup, or the newest before a time, and gives the deploy lock back', async () => {
  const cloud = await openWithBackups();
  const { screen, json } = await succeeds('restore', ['website', '--yes']);
  assert.match(
    screen.stdout,
    /website has the data of 2026-11-29 03:30 CET\. It could not be reached for 7 s\.\n.*haven restore website --undo\n/,
  );
  assert.deepEqual(json, {
    service: 'website',
    at: '2026-11-29T02:30:00.000Z',
    backup: 'new',
    stoppedSeconds: 7,
  });
  await type(['restore', 'website', '--at', '2026-11-28 03:30', '--yes']);
  const { id, task, claim } = orderOf(cloud);
  assert.deepEqual(task, { kind: 'restore', source: { backup: 'old' }, at });
  assert.equal(claim.run, id);
  assert.deepEqual(cloud.agent.asked.at(-1), { command: 'deploy-lock-release', args: [id], input: '' });
});

test('asks first, and says what is replaced and what stays', async () => {
  const cloud = await openWithBackups();
  await type(['restore', 'website'], { answers: [[/Continue\?/, false]] });
  await fails(
    ['restore', 'website'],
    'declined',
    /replaces the data of website with that of 2026-11-29 03:30 CET\. What was saved in website since then is gone from it, and is kept on the server.*Nothing was changed\. If you mean it, run: haven restore website --yes/,
  );
  assert.equal(
    cloud.agent.asked.some(({ command }) => command === 'restore'),
    false,
  );
});

test('says why a restore was undone', async () => {
  await openWithBackups('undone');
  await fails(
    ['restore', 'website', '--yes'],
    'failed',
    /website did not start with the data of the backup, and the restore was undone\. website runs again, with the data from before\.\s+start: app ended with status 1/,
  );
});

test('--undo brings back what the last restore replaced, and says if there was none', async () => {
  const cloud = await openWithBackups();
  await fails(
    ['restore', 'website', '--undo', '--yes'],
    'failed',
    /was never restored, so there is nothing to undo/,
  );
  const operation: Operation = {
    ...{ id: 'op-7', service: 'website', from: 'r', to: 'r', touchesPrograms: true },
    task: { kind: 'restore', source: { backup: 'old' }, at },
  };
  cloud.agent.answers.history = (): Entry[] => [
    { entry: 'open', at: '2026-11-29T10:00:00.000Z', operation },
    { entry: 'finished', at, op: 'op-7', outcome: 'committed' },
  ];
  await succeeds('restore', ['website', '--undo', '--yes']);
  assert.deepEqual(orderOf(cloud).task.source, { snapshot: 'op-7' });
  await fails(['restore', 'website', '--undo', '--at', '2026-11-28'], 'usage', /--undo|--at/);
});
