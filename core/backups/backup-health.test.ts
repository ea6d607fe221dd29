import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BackupFacts, judgeBackups } from './backup-health.ts';
import type { ServiceBackups } from './backup-memory.ts';

const hour = 3_600_000;
const now = Date.parse('2026-11-29T12:00:00Z');
const ago = (hours: number): string => new Date(now - hours * hour).toISOString();
const success = (hours: number) => ({ at: ago(hours), id: 'b1', bytes: 1 });
const health = (known: ServiceBackups | undefined, sinceHours = 100, changed: Partial<BackupFacts> = {}) =>
  judgeBackups(
    {
      memory: known ? { gitea: known } : {},
      expected: { gitea: now - sinceHours * hour },
      waiting: [],
      ...changed,
    },
    now,
  );
const problem = (known: ServiceBackups | undefined, sinceHours?: number): string =>
  health(known, sinceHours).map((each) => each.problem?.what ?? 'good')[0]!;

test('a backup of last night is good, with when it was and when one was last restored', () => {
  const restore = { at: ago(50), id: 'b0' };
  assert.deepEqual(health({ success: success(9), restore }), [
    { service: 'gitea', lastBackupAt: ago(9), lastRestoreAt: ago(50), waiting: 0 },
  ]);
});

test('a backup is too old after 26 hours', () => {
  assert.equal(problem({ success: success(25.9) }), 'good');
  assert.equal(problem({ success: success(26.1) }), 'The last backup of gitea is 26 hours old.');
  assert.equal(problem({ success: success(75) }), 'The last backup of gitea is 3 days old.');
});

test('the first backup has 26 hours, from when the service or its backups began', () => {
  assert.equal(problem(undefined, 25), 'good');
  assert.match(problem(undefined, 27), /^There is no backup of gitea yet/);
});

test('one failure or two are tried again, three in a row are a problem', () => {
  const failing = (times: number) => ({ success: success(3), failure: { at: ago(1), why: 'full', times } });
  assert.equal(problem(failing(2)), 'good');
  assert.equal(problem(failing(3)), 'The backup of gitea failed 3 times in a row.');
  const [seen] = health(failing(2));
  assert.deepEqual(seen?.lastFailure, { at: ago(1), why: 'full' });
});

test('what a program said is never in the problem, because that is sent to receivers', () => {
  const why = 'secret-of-a-service';
  const { problem: found } = health({ failure: { at: ago(1), why, times: 9 } }, 99)[0]!;
  assert.ok(found);
  assert.doesNotMatch(JSON.stringify(found), /secret-of-a-service/);
});

test('says what waits, and what was given up since the newest backup', () => {
  const waiting = [{ service: 'gitea' }, { service: 'gitea' }, { service: 'website' }];
  const [seen] = health({ success: success(9), dropped: { at: ago(2) } }, 100, { waiting });
  assert.deepEqual([seen?.waiting, seen?.droppedAt], [2, ago(2)]);
  assert.equal(health({ success: success(1), dropped: { at: ago(2) } })[0]?.droppedAt, undefined);
});

test('a service that was removed is listed, and has no problem', () => {
  const [seen] = health({ success: success(500) }, 0, { expected: {} });
  assert.equal(seen?.lastBackupAt, ago(500));
  assert.equal(seen?.problem, undefined);
});

test('the server itself is named as such', () => {
  const [seen] = judgeBackups({ memory: {}, expected: { server: now - 30 * hour }, waiting: [] }, now);
  assert.match(seen?.problem?.what ?? '', /no backup of the server itself yet/);
});
