import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ensureData, removeData, removeDraft, takeSnapshot } from '../../agent/data/subvolumes.ts';
import { run } from '../../system/run.ts';
import { mountBtrfs } from '../support/btrfs.ts';

/** A service's named data for real: on a btrfs on a loop device. Returns the path of one that belongs to uid 2345. */
async function dataOn(t: TestContext): Promise<string> {
  const { root, unmount } = await mountBtrfs();
  t.after(unmount);
  const path = join(root, 'data', 'files');
  await ensureData(path, 2345);
  return path;
}

/** What chown refuses. */
const noSuchUid = 2 ** 40;

/** Subvolumes in the data: one with another in it, and one that is read-only with another in it. */
async function nest(path: string): Promise<void> {
  for (const each of ['outer', 'outer/inner', 'sealed', 'sealed/inner', 'with\nline'])
    await run('btrfs', ['subvolume', 'create', join(path, each)]);
  await run('btrfs', ['property', 'set', '-t', 'subvol', join(path, 'sealed'), 'ro', 'true']);
}

test('new data is a subvolume that belongs to its uid', async (t) => {
  const path = await dataOn(t);
  const { uid, gid, mode, ino } = statSync(path);
  assert.deepEqual([uid, gid, mode & 0o777, ino], [2345, 2345, 0o700, 256]);
});

test('data has its name only once it belongs to its uid', async (t) => {
  const path = await dataOn(t);
  const other = join(dirname(path), 'other');
  await assert.rejects(ensureData(other, noSuchUid), /uid/);
  assert.ok(!existsSync(other), 'an interruption leaves no data that the service could not write to');
  await ensureData(other, 2345);
  assert.equal(statSync(other).uid, 2345);
  assert.deepEqual(readdirSync(dirname(path)), ['files', 'other']);
});

test('an undo removes data whose creation was interrupted', async (t) => {
  const path = await dataOn(t);
  const other = join(dirname(path), 'other');
  await assert.rejects(ensureData(other, noSuchUid), /uid/);
  await removeDraft(other);
  assert.deepEqual(readdirSync(dirname(path)), ['files']);
});

test('existing data is left as it is', async (t) => {
  const path = await dataOn(t);
  chmodSync(path, 0o750);
  writeFileSync(join(path, 'table'), 'rows');
  await ensureData(path, 2345);
  assert.equal(statSync(path).mode & 0o777, 0o750);
  assert.deepEqual(readdirSync(path), ['table']);
});

test('a snapshot of data with subvolumes in it is refused, and names them', async (t) => {
  const path = await dataOn(t);
  writeFileSync(join(path, 'file'), 'kept');
  const snapshot = join(dirname(path), 'snapshot');
  await takeSnapshot(path, snapshot);
  assert.equal(readFileSync(join(snapshot, 'file'), 'utf8'), 'kept');
  await nest(path);
  await assert.rejects(
    takeSnapshot(path, snapshot),
    /has btrfs subvolumes in it \(.*outer\/inner.*haven exec/s,
  );
});

test('data with subvolumes in it is removed with all of them', async (t) => {
  const path = await dataOn(t);
  await nest(path);
  await removeData(path);
  assert.deepEqual(readdirSync(dirname(path)), []);
  assert.equal((await run('btrfs', ['subvolume', 'list', dirname(dirname(path))])).stdout, '');
});
