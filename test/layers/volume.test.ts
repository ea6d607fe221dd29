import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { mountVolume, setUpVolume } from '../../agent/server/volume.ts';
import { Layout } from '../../agent/store/layout.ts';
import * as sandboxVolumes from '../../sandbox/machine/volumes.ts';
import { run, tryRun } from '../../system/run.ts';
import { scratch } from '../support/scratch.ts';

/** The volume for real: btrfs on a loop device. */
async function attach(t: TestContext, { isNew = true, sizeGb = 300 } = {}) {
  const folder = scratch('volume');
  const image = join(folder, 'volume.img');
  writeFileSync(image, '');
  truncateSync(image, sizeGb * 1024 ** 3);
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
  /** Enlarges the device, as a provider does. */
  const enlarge = async (toGb: number): Promise<void> => {
    truncateSync(image, toGb * 1024 ** 3);
    await run('losetup', ['--set-capacity', device]);
  };
  return { device, layout, note, unmount, wipe, enlarge };
}

/** What `df` says of a mounted volume. */
function sizeGb(layout: Layout): number {
  const { blocks, bsize } = statfsSync(layout.root);
  return (blocks * bsize) / 1024 ** 3;
}

test('set-up gives a new volume a file system, and a boot mounts it with its data', async (t) => {
  const { device, layout, note, unmount } = await attach(t);
  const { volume } = await setUpVolume(layout, { device, sizeGb: 300 }, note);
  assert.ok(!existsSync(note), 'it is new only once');
  writeFileSync(join(layout.root, 'data'), 'kept');
  assert.deepEqual(await setUpVolume(layout, { device, sizeGb: 300 }, note), { volume, changed: [] });
  await unmount();
  await mountVolume(layout, volume);
  assert.equal(readFileSync(join(layout.root, 'data'), 'utf8'), 'kept');
});

test('set-up that was interrupted while it created the file system creates it again', async (t) => {
  const { device, layout, note, wipe } = await attach(t);
  writeFileSync(note, `${device} was blank`);
  await run('mkfs.btrfs', ['--quiet', device]);
  await wipe(65536, 4096);
  await setUpVolume(layout, { device, sizeGb: 300 }, note);
});

test('a damaged first superblock is reported, never formatted, and can be repaired', async (t) => {
  const { device, layout, note, unmount, wipe } = await attach(t);
  const { volume } = await setUpVolume(layout, { device, sizeGb: 300 }, note);
  writeFileSync(join(layout.root, 'data'), 'kept');
  await unmount();
  await wipe(65536, 4096);
  const reported = /is not blank.*Nothing was changed.*btrfs rescue super-recover -v \/dev\/loop/;
  await assert.rejects(mountVolume(layout, volume), reported);
  writeFileSync(note, device);
  await assert.rejects(setUpVolume(layout, { device, sizeGb: 300 }, note), reported);
  // It exits with status 2 after a repair.
  const repaired = await tryRun('btrfs', ['rescue', 'super-recover', '-y', device]);
  assert.match(repaired.stdout + repaired.stderr, /Recovered bad superblocks/);
  await mountVolume(layout, volume);
  assert.equal(readFileSync(join(layout.root, 'data'), 'utf8'), 'kept');
});

test('a device of which only the last superblock is left is not formatted', async (t) => {
  const { device, layout, note, unmount, wipe } = await attach(t);
  await setUpVolume(layout, { device, sizeGb: 300 }, note);
  await unmount();
  await wipe(0, 128 * 1024 ** 2);
  writeFileSync(note, device);
  await assert.rejects(setUpVolume(layout, { device, sizeGb: 300 }, note), /is not blank/);
});

test('set-up formats no blank volume that is not new, and a boot formats none', async (t) => {
  const { device, layout, note } = await attach(t, { isNew: false });
  await assert.rejects(
    setUpVolume(layout, { device, sizeGb: 300 }, note),
    /is not a new one.*run: haven ssh 'echo/,
  );
  writeFileSync(note, '/dev/another');
  await assert.rejects(setUpVolume(layout, { device, sizeGb: 300 }, note), /is not a new one/);
  await assert.rejects(mountVolume(layout, { device, uuid: 'x' }), /can't be recognized/);
});

test('a boot mounts no other file system than the one that set-up found', async (t) => {
  const { device, layout } = await attach(t, { isNew: false });
  await run('mkfs.btrfs', ['--quiet', device]);
  const other = { device, uuid: '11111111-2222-3333-4444-555555555555' };
  await assert.rejects(mountVolume(layout, other), /not this cloud's btrfs 11111111/);
});

test('set-up enlarges the file system to the size of the volume, and says so once', async (t) => {
  const { device, layout, note, enlarge } = await attach(t, { sizeGb: 10 });
  assert.deepEqual((await setUpVolume(layout, { device, sizeGb: 10 }, note)).changed, []);
  writeFileSync(join(layout.root, 'data'), 'kept');
  await enlarge(12);
  const grown = await setUpVolume(layout, { device, sizeGb: 12 }, note);
  assert.deepEqual(grown.changed, ['file system of the volume: 10 GB → 12 GB']);
  assert.equal(sizeGb(layout), 12);
  assert.equal(readFileSync(join(layout.root, 'data'), 'utf8'), 'kept');
  assert.deepEqual((await setUpVolume(layout, { device, sizeGb: 12 }, note)).changed, []);
});

test('set-up waits until the server sees the new size', async (t) => {
  const { device, layout, note, enlarge } = await attach(t, { sizeGb: 10 });
  await setUpVolume(layout, { device, sizeGb: 10 }, note);
  const setUp = setUpVolume(layout, { device, sizeGb: 12 }, note);
  await sleep(600);
  await enlarge(12);
  await setUp;
  assert.equal(sizeGb(layout), 12);
});

test('set-up reports a server that does not see the new size', async (t) => {
  const { device, layout, note } = await attach(t, { sizeGb: 10 });
  await setUpVolume(layout, { device, sizeGb: 10 }, note);
  await assert.rejects(
    setUpVolume(layout, { device, sizeGb: 12, seenWithinMs: 300 }, note),
    /has 10 GB, but the provider says 12 GB\. Nothing was changed\. .*run: haven up/,
  );
});

test('a boot enlarges the file system, too', async (t) => {
  const { device, layout, note, unmount, enlarge } = await attach(t, { sizeGb: 10 });
  const { volume } = await setUpVolume(layout, { device, sizeGb: 10 }, note);
  await unmount();
  await enlarge(12);
  await mountVolume(layout, volume);
  assert.equal(sizeGb(layout), 12);
});

test("a sandbox's volume grows while it is in use", async (t) => {
  const id = `grows-${process.pid}`;
  sandboxVolumes.createVolume(id, 10);
  await sandboxVolumes.attachVolume(id, id);
  const layout = new Layout(join(scratch('volume'), 'mounted'));
  mkdirSync(layout.root);
  t.after(async () => {
    await run('umount', [layout.root]).catch(() => undefined);
    await sandboxVolumes.detachVolume(id, id);
    sandboxVolumes.removeVolume(id);
  });
  const device = await sandboxVolumes.loopOf(id, id);
  const note = join(scratch('note'), 'new-volume');
  writeFileSync(note, device);
  await setUpVolume(layout, { device, sizeGb: 10 }, note);
  await sandboxVolumes.resizeVolume(id, 12);
  await setUpVolume(layout, { device, sizeGb: 12 }, note);
  assert.equal(sizeGb(layout), 12);
});
