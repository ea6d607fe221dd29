import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleCatalogue, exampleConfig, exampleImages } from '../../test/support/example-plan.ts';
import type { HavenConfig } from '../config/config-schema.ts';
import { describeChange } from '../plan/describe-change.ts';
import { buildPlan, type Plan } from '../plan/plan.ts';
import { backupSecretsOf, planBackups } from './plan-backups.ts';

const time = '03:30';
const keep = { days: 7, weeks: 5, months: 12 };
const s3 = { endpoint: 'https://fsn1.your-objectstorage.com/', bucket: 'ada' };
const sftp = {
  host: 'u1.your-storagebox.de',
  port: 23,
  user: 'u1',
  hostKey: 'ssh-ed25519  AAAA root@box',
};
const inBucket = { s3, time, keep };
const onServer = { sftp, time, keep };
const cloud = { id: 'club-1234', timeZone: 'Europe/Berlin' };

test('a plan has the place and the generations of secrets, and no value of one', () => {
  assert.deepEqual(planBackups({ ...cloud, backups: inBucket }, { 'backup-s3-secret': 2 }), {
    haven: 'club-1234',
    place: {
      kind: 's3',
      endpoint: 'https://fsn1.your-objectstorage.com',
      bucket: 'ada',
      folder: 'club-1234',
    },
    time,
    timeZone: 'Europe/Berlin',
    keep,
    secrets: { 'backup-s3-key': 0, 'backup-s3-secret': 2, 'backup-password': 0 },
  });
  assert.deepEqual(planBackups({ ...cloud, backups: onServer }, undefined), {
    haven: 'club-1234',
    place: {
      kind: 'sftp',
      host: 'u1.your-storagebox.de',
      port: 23,
      user: 'u1',
      hostKey: 'ssh-ed25519 AAAA',
      folder: 'club-1234',
    },
    time,
    timeZone: 'Europe/Berlin',
    keep,
    secrets: { 'backup-sftp-key': 0, 'backup-password': 0 },
  });
  const there = { ...s3, region: 'fsn1', folder: 'clouds/ada' };
  const { place } = planBackups({ ...cloud, backups: { ...inBucket, s3: there } }, {})!;
  assert.deepEqual(place, { ...there, kind: 's3', endpoint: 'https://fsn1.your-objectstorage.com' });
  assert.equal(planBackups({ ...cloud, backups: undefined }, {}), undefined);
  assert.deepEqual(backupSecretsOf(undefined), []);
});

const pins = { version: 2 as const, images: exampleImages };
const planned = (backups: HavenConfig['backups'], given = {}): Plan =>
  buildPlan({ ...exampleConfig, backups }, exampleCatalogue, { ...pins, given });
const before = planned(inBucket);

/** What a plan says of a change to these backups. */
function changed(to: Plan): string {
  const type = 'haven:index:Backups';
  const change = { type, name: 'backups', kind: 'update' as const, properties: ['settings'] };
  const { what, name, detail } = describeChange(
    { ...change, before: { settings: before.backups }, after: { settings: to.backups } },
    to,
  );
  return `${what}  ${name}  ${detail}`;
}

test('a plan shows when and where, what else changes before and after, and what stays', () => {
  const one = { type: 'haven:index:Backups', name: 'backups', properties: [] };
  const settings = before.backups;
  const created = describeChange({ ...one, kind: 'create', after: { settings } }, before);
  assert.deepEqual(created, {
    kind: 'create',
    what: 'Backups',
    name: 'each night at 03:30',
    detail:
      'to bucket "ada" at fsn1.your-objectstorage.com, and before each change; kept: 7 daily, 5 weekly, 12 monthly',
  });
  const removed = describeChange({ ...one, kind: 'delete', before: { settings } }, before);
  assert.deepEqual(
    [removed.name, removed.detail],
    [
      'each night at 03:30',
      'no more backups are made; those that exist are kept (bucket "ada" at fsn1.your-objectstorage.com)',
    ],
  );
  const lines: [Plan, string][] = [
    [planned({ ...inBucket, time: '04:00' }), 'each night at 04:00  time: 03:30 → 04:00'],
    [
      planned({ ...inBucket, s3: { ...s3, bucket: 'bob' } }),
      'each night at 03:30  place: bucket "ada" at fsn1.your-objectstorage.com (those that exist are kept there, and are not copied) → bucket "bob" at fsn1.your-objectstorage.com',
    ],
    [
      planned(onServer),
      'each night at 03:30  place: bucket "ada" at fsn1.your-objectstorage.com (those that exist are kept there, and are not copied) → u1@u1.your-storagebox.de:example-1234; changed: backup-s3-key, backup-s3-secret, backup-sftp-key',
    ],
    [
      planned({ ...inBucket, s3: { ...s3, folder: 'x' } }),
      'each night at 03:30  folder: example-1234 (those that exist are kept there, and are not copied) → x',
    ],
    [planned({ ...inBucket, s3: { ...s3, region: 'fsn1' } }), 'each night at 03:30  region: none → fsn1'],
    [
      planned({ ...inBucket, keep: { ...keep, days: 30 } }),
      'each night at 03:30  kept: 7 daily, 5 weekly, 12 monthly → 30 daily, 5 weekly, 12 monthly',
    ],
    [planned(inBucket, { 'backup-s3-secret': 1 }), 'each night at 03:30  changed: backup-s3-secret'],
    [
      buildPlan({ ...exampleConfig, timeZone: 'UTC', backups: inBucket }, exampleCatalogue, pins),
      'each night at 03:30  time zone: Europe/Berlin → UTC',
    ],
  ];
  for (const [to, said] of lines) assert.equal(changed(to), `Backups  ${said}`);
});
