import { existsSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../../system/cache-dir.ts';
import { run, tryRun } from '../../system/run.ts';
import { runtimeDir } from '../host/paths.ts';

/**
 * The machines' disks: one btrfs in a sparse file. A machine's /var/lib/docker is a writable snapshot of a prepared
 * one that holds all images, so that a new machine has them at once and costs no space (Docker has no shared store).
 */
const file = join(cacheDir, 'store.btrfs');
export const storeDir = join(runtimeDir, 'store');
const sizeGb = 60;

export async function mountStore(): Promise<void> {
  mkdirSync(storeDir, { recursive: true });
  if ((await tryRun('mountpoint', ['-q', storeDir])).code === 0) return;
  if (!existsSync(file)) {
    mkdirSync(cacheDir, { recursive: true });
    writeFileSync(`${file}.new`, '');
    truncateSync(`${file}.new`, sizeGb * 1024 ** 3);
    await run('mkfs.btrfs', ['-q', '-L', 'openhaven-store', `${file}.new`]);
    await run('mv', [`${file}.new`, file]);
  }
  await run('mount', ['-o', 'loop,noatime', file, storeDir]);
  mkdirSync(join(storeDir, 'images'), { recursive: true });
  mkdirSync(join(storeDir, 'machines'), { recursive: true });
}

export async function unmountStore(): Promise<void> {
  if ((await tryRun('mountpoint', ['-q', storeDir])).code !== 0) return;
  // -d: the loop device is given back with the mount.
  await run('umount', ['-d', storeDir]);
}

/** Makes `to` (a path under the store) a writable snapshot of the subvolume `from`. */
export async function snapshot(from: string, to: string): Promise<void> {
  await run('btrfs', ['subvolume', 'snapshot', from, to]);
}

/** Removes a subvolume and every subvolume inside it; it is fine if there is none. */
export async function removeSubvolume(path: string): Promise<void> {
  if (!existsSync(path)) return;
  const listed = await run('btrfs', ['subvolume', 'list', '-o', path]);
  const inside = listed.stdout
    .split('\n')
    .flatMap((line) => /path (.*)$/.exec(line)?.[1] ?? [])
    .map((relative) => join(storeDir, relative))
    .sort((a, b) => b.length - a.length);
  for (const each of inside) await run('btrfs', ['subvolume', 'delete', each]);
  await run('btrfs', ['subvolume', 'delete', path]);
}
