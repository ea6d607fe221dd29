import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackupManifest } from './backup.ts';
import type { BackupPlace } from './backup-place.ts';
import type { BackupOrder } from './backup-settings.ts';
import {
  parseBackups,
  type ResticFiles,
  renderKnownHosts,
  resticEnvironment,
  resticOptions,
  resticVerbs,
  sshArguments,
} from './restic-call.ts';

const files: ResticFiles = { cache: '/c', identity: '/run/k/identity', knownHosts: '/run/k/known_hosts' };
const s3: BackupPlace = {
  kind: 's3',
  endpoint: 'https://fsn1.example.com',
  bucket: 'ada-backups',
  folder: 'ada',
};
const sftp: BackupPlace = {
  kind: 'sftp',
  host: 'u1.example.com',
  port: 23,
  user: 'u1',
  hostKey: 'ssh-ed25519 AAAA',
  folder: 'backups/ada',
};
const secrets = {
  'backup-password': 'secret-password',
  'backup-s3-key': 'secret-key',
  'backup-s3-secret': 'secret-secret',
  'backup-sftp-key': 'secret-ssh',
};
const orderTo = (place: BackupPlace): BackupOrder => ({
  settings: {
    haven: 'ada',
    place,
    time: '03:30',
    timeZone: 'Europe/Berlin',
    keep: { days: 7, weeks: 5, months: 12 },
    secrets: {},
  },
  secrets,
});
const manifest: BackupManifest = {
  format: 1,
  haven: 'ada',
  service: 'gitea',
  at: '2026-11-28T03:30:05.250Z',
  release: 'abc',
  version: '1.25,rc=1',
  data: ['files', 'db'],
  why: 'nightly',
};

test('S3 is reached by its path, with keys in the environment', () => {
  assert.deepEqual(resticEnvironment(orderTo({ ...s3, region: 'fsn1' }), files), {
    RESTIC_REPOSITORY: 's3:https://fsn1.example.com/ada-backups/ada',
    RESTIC_PASSWORD: 'secret-password',
    RESTIC_CACHE_DIR: '/c',
    RESTIC_PROGRESS_FPS: '0.2',
    TZ: 'UTC',
    AWS_ACCESS_KEY_ID: 'secret-key',
    AWS_SECRET_ACCESS_KEY: 'secret-secret',
    AWS_DEFAULT_REGION: 'fsn1',
  });
  assert.deepEqual(resticOptions(orderTo(s3), files), ['-o', 's3.bucket-lookup=path']);
  assert.deepEqual(resticOptions(orderTo({ ...s3, region: 'fsn1' }), files).slice(2), [
    '-o',
    's3.region=fsn1',
  ]);
});

test('SFTP is reached by ssh, with one key, one accepted host key, and no settings of the machine', () => {
  const repository = (place: BackupPlace) => resticEnvironment(orderTo(place), files).RESTIC_REPOSITORY;
  assert.equal(repository(sftp), 'sftp://u1@u1.example.com:23/backups/ada');
  assert.equal(repository({ ...sftp, folder: '/srv/ada' }), 'sftp://u1@u1.example.com:23//srv/ada');
  assert.equal(
    repository({ ...sftp, host: '2001:db8::1', user: 'u@x' }),
    'sftp://u%40x@[2001:db8::1]:23/backups/ada',
  );
  assert.deepEqual(resticOptions(orderTo(sftp), files), [
    '-o',
    'sftp.command=ssh -F none -o BatchMode=yes -o IdentitiesOnly=yes -o PreferredAuthentications=publickey ' +
      '-o StrictHostKeyChecking=yes -o UserKnownHostsFile=/run/k/known_hosts -o GlobalKnownHostsFile=/dev/null ' +
      '-o HostKeyAlias=haven-backup -o ConnectTimeout=20 -o ServerAliveInterval=30 -o ServerAliveCountMax=4 ' +
      '-i /run/k/identity -p 23 -l u1 -s -- u1.example.com sftp',
  ]);
  assert.equal(renderKnownHosts(sftp), 'haven-backup ssh-ed25519 AAAA\n');
  const hostile = { ...sftp, host: '-oProxyCommand=id', user: 'a b' };
  assert.deepEqual(sshArguments(hostile, files).slice(-3), ['--', '-oProxyCommand=id', 'sftp']);
  assert.match(resticOptions(orderTo(hostile), files)[1]!, / -l 'a b' /);
});

test('no secret is an argument', () => {
  for (const place of [s3, sftp])
    for (const args of [
      resticOptions(orderTo(place), files),
      resticVerbs.backup(manifest),
      resticVerbs.list('ada', 'gitea'),
      resticVerbs.forget('ada', 'gitea', orderTo(place).settings.keep),
    ])
      assert.doesNotMatch(args.join(' '), /secret-/);
});

test('a backup says whose it is and when its data was, and is read back as that', () => {
  const args = resticVerbs.backup(manifest);
  assert.deepEqual(args.slice(0, 8), [
    'backup',
    '.',
    '--json',
    '--no-scan',
    '--host',
    'ada',
    '--time',
    '2026-11-28 03:30:05',
  ]);
  const tags = args.slice(8).filter((each) => each !== '--tag');
  assert.ok(!tags.some((each) => each.includes(',')), 'a comma would make two tags of one');
  const older = { id: 'a1', time: '2026-11-27T03:30:05.123456789Z', tags: tags.toReversed() };
  const newer = { id: 'b2', time: '2026-11-28T03:30:05Z', tags };
  const foreign = { id: 'c3', time: '2026-11-28T03:30:05Z' };
  const backup = {
    service: 'gitea',
    release: 'abc',
    version: '1.25,rc=1',
    data: ['db', 'files'],
    why: 'nightly',
  };
  assert.deepEqual(parseBackups(JSON.stringify([older, foreign, newer])), [
    { id: 'b2', at: '2026-11-28T03:30:05.000Z', ...backup },
    { id: 'a1', at: '2026-11-27T03:30:05.123Z', ...backup },
  ]);
  assert.deepEqual(parseBackups('null'), [], 'restic says null where there is none');
});

test('kept backups are counted for each service on its own', () => {
  assert.deepEqual(
    resticVerbs.forget('ada', 'gitea', { days: 7, weeks: 5, months: 12 }).join(' '),
    'forget --json --host ada --tag service=gitea --group-by host --keep-last 1 --keep-daily 7 --keep-weekly 5 --keep-monthly 12',
  );
});

test('parts of a backup are restored by their paths, and all of it without one', () => {
  assert.equal(
    resticVerbs.restore('a1', ['data', 'secrets'], '/t').join(' '),
    'restore a1 --target /t --delete --json --include /data --include /secrets',
  );
  assert.ok(!resticVerbs.restore('a1', [], '/t').includes('--include'));
});
