import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackupSettings } from '../../core/backups/backup-settings.ts';
import { backupOrder, backupsHandler } from './backups-handler.ts';

const settings: BackupSettings = {
  haven: 'club-1234',
  place: { kind: 's3', endpoint: 'https://s3.example.com', bucket: 'ada', folder: 'club-1234' },
  time: '03:30',
  timeZone: 'UTC',
  keep: { days: 7, weeks: 5, months: 12 },
  secrets: { 'backup-s3-key': 1, 'backup-password': 0 },
};
const inputs = { host: '198.51.100.7', hostKey: 'k', server: '1', settings: { ...settings } };
const changed = (outputs: object): string[] =>
  backupsHandler.diff('backups', { ...inputs, ...outputs }, inputs, inputs).changed;

test('sends backups again where settings, a secret or the server differ, and only there', () => {
  assert.deepEqual(changed({}), []);
  const { haven, ...others } = settings;
  assert.deepEqual(changed({ settings: { ...others, haven } }), [], 'the order of keys says nothing');
  assert.deepEqual(changed({ host: '198.51.100.8' }), [], 'an address changes nothing on the server');
  const secrets = { ...settings.secrets, 'backup-s3-key': 2 };
  assert.deepEqual(changed({ settings: { ...settings, secrets } }), ['settings']);
  assert.deepEqual(changed({ settings: { ...settings, time: '04:00' } }), ['settings']);
  assert.deepEqual(changed({ server: '2' }), ['server'], 'a new server has none yet');
});

test('sends settings with the value of each secret, and never without one', () => {
  const values: Record<string, string> = { 'backup-s3-key': 'a', 'backup-password': 'b' };
  assert.deepEqual(
    backupOrder(settings, (name) => values[name]),
    { settings, secrets: values },
  );
  assert.throws(
    () => backupOrder(settings, (name) => (name === 'backup-password' ? undefined : 'x')),
    /^Error: backup-password is not in secrets\.age, and backups need it\. Nothing was changed\./,
  );
});
