import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackupStatus } from '../../agent/backups/backup-status.ts';
import { judgeBackupStatus } from './check-backups.ts';

const now = Date.parse('2026-11-29T10:00:00.000Z');
const settings: BackupStatus['settings'] = {
  haven: 'mine',
  place: { kind: 's3', endpoint: 'https://fsn1.your-objectstorage.com', bucket: 'ada', folder: 'mine' },
  ...{ time: '03:30', timeZone: 'UTC', keep: { days: 7, weeks: 5, months: 12 }, secrets: {} },
};
const of = (service: string, more: Partial<BackupStatus['services'][number]> = {}) => ({
  ...{ service, lastBackupAt: null, lastRestoreAt: null, waiting: 0 },
  ...more,
});
const judge = (services: BackupStatus['services']) => judgeBackupStatus({ settings, services }, now);

test('shows how old backups are, and that one which was never restored proves nothing', () => {
  const made = { lastBackupAt: '2026-11-29T02:30:00.000Z' };
  assert.deepEqual(judge([of('gitea', made), of('ldap', { lastBackupAt: '2026-11-29T02:31:00.000Z' })]), [
    {
      service: 'backups',
      good: true,
      evidence:
        'every service has one that is at most 7 hours old; none was ever restored, so none is proved',
    },
  ]);
  const restored = of('gitea', { ...made, lastRestoreAt: '2026-11-20T10:00:00.000Z' });
  assert.match(
    judge([restored, of('new')])[0]!.evidence,
    /^no backup yet of new; those of the other services are at most 7 hours old; last restored 9 days ago \(gitea\)/,
  );
});

test('says when the first is made, and that the server has to be told', () => {
  assert.match(judge([of('gitea')])[0]!.evidence, /^the first is made at 03:30\. .*haven backup now/);
  const [untold] = judgeBackupStatus({ settings: null, services: [] }, now);
  assert.deepEqual(untold, {
    service: 'backups',
    good: false,
    evidence: 'the server does not have them yet. Run: haven up',
  });
});

test('names what is wrong, why, and what to do', () => {
  const problem = { what: 'The last backup of gitea is 3 days old.', fix: 'Do this.' };
  const lastFailure = { at: '2026-11-29T09:00:00.000Z', why: 'The bucket is full.' };
  assert.deepEqual(judge([of('gitea', { problem, lastFailure })]), [
    {
      service: 'backups',
      good: false,
      evidence: 'The last backup of gitea is 3 days old. The bucket is full. Do this.',
    },
  ]);
});
