import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { mountVolume, setUpVolume } from '../../agent/server/volume.ts';
import { Layout } from '../../agent/store/layout.ts';
import { run, tryRun } from '../../system/run.ts';
import { scratch } from '../support/scratch.ts';

/** The volume for real: btrfs on a loop device. */
async function attach(t: TestContext, { isNew = true } = {}) {
  const folder = scratch('volume');
  const image = join(folder, 'volume.img');
  writeFileSync(image, '');
  truncateSync(image, 300 * 1024 ** 3);
  const device = (await run('losetup', ['--find', '--show', image])).stdout.trim();
  const layout = new Layout(join(folder, 'mounted'));
  mkdirSync(layout.root);
  const unmount = () => run('umount', [layout.root]);
  t.after(async () => {
    await unmount().catch(() => undefined);
    await run('losetup', ['--detach', device]);
  });
  const note = join(folder, 'new-volume');
  if (isNew) writeFileSync(note, `${device}\n`);
  /** Overwrites a part of the device with zeros. */
  const wipe = (from: number, bytes: number) =>
    run('dd', [
      'if=/dev/zero',
      `of=${device}`,
      `bs=4096`,
      `seek=${from / 4096}`,
      `count=${bytes / 4096}`,
      'conv=fsync',
    ]);
  return { device, layout, note, unmount, wipe };
}

test('set-up gives a new volume a file system, and a boot mounts it with its data', async (t) => {
  const { device, layout, note, unmount } = await attach(t);
  const volume = await setUpVolume(layout, device, note);
  assert.ok(!existsSync(note), 'it is new only once');
  writeFileSync(join(layout.root, 'data'), 'kept');
  assert.deepEqual(await setUpVolume(layout, device, note), volume);
  await unmount();
  await mountVolume(layout, volume);
  assert.equal(readFileSync(join(layout.root, 'data'), 'utf8'), 'kept');
});

test('set-up that was interrupted while it created the file system creates it again', async (t) => {
  const { device, layout, note, wipe } = await attach(t);
  writeFileSync(note, `${device} was blank`);
  await run('mkfs.btrfs', ['--quiet', device]);
  await wipe(65536, 4096);
  await setUpVolume(layout, device, note);
});

test('a damaged first superblock is reported, never formatted, and can be repaired', async (t) => {
  const { device, layout, note, unmount, wipe } = await attach(t);
  const volume = await setUpVolume(layout, device, note);
  writeFileSync(join(layout.root, 'data'), 'kept');
  await unmount();
  await wipe(65536, 4096);
  const reported = /is not blank.*Nothing was changed.*btrfs rescue super-recover -v \/dev\/loop/;
  await assert.rejects(mountVolume(layout, volume), reported);
  writeFileSync(note, device);
  await assert.rejects(setUpVolume(layout, device, note), reported);
  // It exits with status 2 after a repair.
  const repaired = await tryRun('btrfs', ['rescue', 'super-recover', '-y', device]);
  assert.match(repaired.stdout + repaired.stderr, /Recovered bad superblocks/);
  await mountVolume(layout, volume);
  assert.equal(readFileSync(join(layout.root, 'data'), 'utf8'), 'kept');
});

test('a device of which only the last superblock is left is not formatted', async (t) => {
  const { device, layout, note, unmount, wipe } = await attach(t);
  await setUpVolume(layout, device, note);
  await unmount();
  await wipe(0, 128 * 1024 ** 2);
  writeFileSync(note, device);
  await assert.rejects(setUpVolume(layout, device, note), /is not blank/);
});

test('set-up formats no blank volume that is not new, and a boot formats none', async (t) => {
  const { device, layout, note } = await attach(t, { isNew: false });
  await assert.rejects(setUpVolume(layout, device, note), /is not a new one.*run: haven ssh 'echo/);
  writeFileSync(note, '/dev/another');
  await assert.rejects(setUpVolume(layout, device, note), /is not a new one/);
  await assert.rejects(mountVolume(layout, { device, uuid: 'x' }), /can't be recognized/);
});

test('a boot mounts no other file system than the one that set-up found', async (t) => {
  const { device, layout } = await attach(t, { isNew: false });
  await run('mkfs.btrfs', ['--quiet', device]);
  const other = { device, uuid: '11111111-2222-3333-4444-555555555555' };
  await assert.rejects(mountVolume(layout, other), /not this cloud's btrfs 11111111/);
});
