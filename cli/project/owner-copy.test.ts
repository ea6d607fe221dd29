import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { generateIdentity } from 'age-encryption';
import { parseOwnerCopy } from '../../core/backups/owner-copy.ts';
import type { HavenConfig } from '../../core/config/config-schema.ts';
import { scratch } from '../../test/support/scratch.ts';
import { StubBucket } from '../../test/support/stub-bucket.ts';
import { sealWith, unsealWith } from './age-key.ts';
import { keepOwnerCopy, readOwnerFiles } from './owner-copy.ts';

const bucket = new StubBucket();
const age = await generateIdentity();
let directory = '';

beforeEach(() => {
  directory = scratch('copied');
  bucket.files.clear();
  bucket.asked.length = 0;
  bucket.fault = undefined;
  write('haven.yaml', 'id: ada');
  write('held/gitea.json', '{}');
  write('.haven/state/secret', 'of this computer');
  write('.git/config', '');
  write('services/wiki/node_modules/a/index.js', '');
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
}

const backups = {
  s3: { endpoint: bucket.endpoint, bucket: bucket.bucket },
  time: '03:30',
  keep: { days: 7, weeks: 5, months: 12 },
} satisfies HavenConfig['backups'];

function project(more: Partial<HavenConfig> = {}, values: Record<string, string> = {}) {
  const secrets: Record<string, string> = {
    'backup-s3-key': bucket.key,
    'backup-s3-secret': bucket.secret,
    ...values,
  };
  const config = { id: 'ada-1', backups, timeZone: 'UTC', ...more } as HavenConfig;
  return {
    directory,
    config,
    secrets: { get: (name: string) => secrets[name], seal: (text: string) => sealWith(age, text) },
  };
}

const stored = async () => {
  const sealed = bucket.files.get('ada-1.owner.age');
  assert.ok(sealed, [...bucket.files.keys()].join());
  const parsed = parseOwnerCopy(await unsealWith(age, sealed));
  assert.ok('copy' in parsed);
  return parsed.copy;
};

test('stores everything of the directory but what is this computer’s, encrypted', async () => {
  assert.equal(await keepOwnerCopy(project()), undefined);
  const { haven, files } = await stored();
  assert.equal(haven, 'ada-1');
  assert.deepEqual([...files.keys()], ['haven.yaml', 'held/gitea.json']);
  assert.equal(Buffer.from(files.get('haven.yaml')!).toString(), 'id: ada');
  assert.ok(!Buffer.from(bucket.files.get('ada-1.owner.age')!).includes('id: ada'));
});

test('asks the place for nothing while nothing changed, and stores again what did', async () => {
  await keepOwnerCopy(project());
  await keepOwnerCopy(project());
  assert.equal(bucket.asked.length, 1);
  write('haven.lock', '{}');
  await keepOwnerCopy(project());
  assert.ok((await stored()).files.has('haven.lock'));
  // Another place has none yet.
  const elsewhere = { ...backups, s3: { ...backups.s3, folder: 'elsewhere' } };
  await keepOwnerCopy(project({ backups: elsewhere }));
  assert.ok(bucket.files.has('elsewhere.owner.age'));
  assert.equal(bucket.asked.length, 3);
});

test('a cloud without backups has no copy', async () => {
  assert.equal(await keepOwnerCopy({ ...project(), config: { id: 'ada-1' } as HavenConfig }), undefined);
  assert.deepEqual(bucket.asked, []);
});

test('a failure is one line with what to do, and the next run tries again', async () => {
  bucket.fault = 'unreachable';
  const intro =
    'The copy of this directory was not stored with the backups, so "haven recover" would bring an older one.';
  assert.equal(
    await keepOwnerCopy(project()),
    `${intro} bucket "ada" at storage.example: can't be reached: storage.example refuses the connection. Check that it is online, and your connection. Then run: haven up`,
  );
  bucket.fault = { status: 403, code: 'AccessDenied' };
  assert.match((await keepOwnerCopy(project()))!, /refuses the key.*haven secret set backup-s3-key/);
  assert.equal(
    await keepOwnerCopy(project({}, { 'backup-s3-key': '' })),
    `${intro} backup-s3-key: is not in secrets.age. Run: haven secret set backup-s3-key`,
  );
  bucket.fault = undefined;
  assert.equal(await keepOwnerCopy(project()), undefined);
  await stored();
});

test('names the file that makes a directory too large, without reading it', async () => {
  write('film.mkv', 'x'.repeat(21_000_000));
  assert.match(
    (await keepOwnerCopy(project()))!,
    /film\.mkv: is the largest file of this directory \(21\.0 MB\), which has 21\.0 MB in all\. A copy may have 20 MB\. Move it elsewhere, then run: haven up$/,
  );
  assert.deepEqual(bucket.asked, []);
});

test('follows links to files and folders, and none of them for ever', () => {
  const outside = scratch('outside');
  writeFileSync(join(outside, 'compose.yaml'), 'mine');
  symlinkSync(outside, join(directory, 'services/mine'));
  symlinkSync(directory, join(directory, 'services/loop'));
  symlinkSync('/does/not/exist', join(directory, 'dangling'));
  const files = readOwnerFiles(directory);
  assert.deepEqual([...files.keys()], ['haven.yaml', 'held/gitea.json', 'services/mine/compose.yaml']);
  rmSync(outside, { recursive: true });
});
