import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { printable } from '../../system/printable.ts';
import { type RunResult, run, tryRun } from '../../system/run.ts';
import { crashPoint } from '../store/crash-point.ts';
import { syncFolder } from '../store/journal.ts';

/** What goes through a lot of data, or waits for the disk to have written it, may take long on a large or busy volume. */
const onDisk = (command: string, args: string[]): Promise<RunResult> =>
  run(command, args, { timeoutMs: 60 * 60_000 });

/**
 * A service's named data. Each name is a btrfs subvolume, so that a snapshot takes an instant and no space. On
 * another file system each is a directory and a snapshot is a copy, which takes as long as copying does. What is made
 * of it names its group, by which its quota counts it (`quotas.ts`).
 */
export async function canSnapshot(path: string): Promise<boolean> {
  let there = path;
  while (!existsSync(there)) there = dirname(there);
  return (await run('stat', ['-f', '-c', '%T', there])).stdout.trim() === 'btrfs';
}

/** Data that is being made. It gets its name once it belongs to its uid, so a crash leaves no data that is half made. */
const draftOf = (path: string): string => join(dirname(path), `.new-${basename(path)}`);

export async function ensureData(path: string, uid: number, group: string[] = []): Promise<void> {
  if (existsSync(path)) return;
  const draft = draftOf(path);
  await removeData(draft);
  mkdirSync(dirname(path), { recursive: true });
  if (await canSnapshot(dirname(path))) await run('btrfs', ['subvolume', 'create', ...group, draft]);
  else mkdirSync(draft);
  crashPoint('data:created');
  chownSync(draft, uid, uid);
  chmodSync(draft, 0o700);
  crashPoint('data:owned');
  renameSync(draft, path);
  syncFolder(dirname(path));
}

/** Removes what an interrupted {@link ensureData} left. */
export const removeDraft = (path: string): Promise<void> => removeData(draftOf(path));

/**
 * Takes a read-only copy of data that nothing writes to any more. Safe to run again. A snapshot leaves out subvolumes
 * that a program created within its data, so those are refused.
 */
export async function takeSnapshot(from: string, to: string, group: string[] = []): Promise<void> {
  await removeData(to);
  mkdirSync(dirname(to), { recursive: true });
  if (await canSnapshot(from)) {
    await refuseNested(from);
    await onDisk('btrfs', ['subvolume', 'snapshot', ...group, '-r', from, to]);
  } else await onDisk('cp', ['-a', '--reflink=auto', from, to]);
  crashPoint('snapshot:taken');
  await flush(to);
}

/** Makes a copy of a snapshot that can be written to, for a moment: it is in no group, so no quota counts it. */
export async function copySnapshot(from: string, to: string): Promise<void> {
  await removeData(to);
  if (await canSnapshot(from)) await onDisk('btrfs', ['subvolume', 'snapshot', from, to]);
  else await onDisk('cp', ['-a', '--reflink=auto', from, to]);
}

/**
 * Puts data back as it was in a snapshot. The new state is built beside the old one and exchanged with it in one step
 * (renameat2 RENAME_EXCHANGE), so there is never a moment without data. Interrupted anywhere, it can be run again.
 */
export async function restoreSnapshot(from: string, to: string, group: string[] = []): Promise<void> {
  const beside = join(dirname(to), `.restore-${to.split('/').pop()}`);
  await removeData(beside);
  if (await canSnapshot(from)) await onDisk('btrfs', ['subvolume', 'snapshot', ...group, from, beside]);
  else await onDisk('cp', ['-a', '--reflink=auto', from, beside]);
  await flush(beside);
  crashPoint('restore:copied');
  if (existsSync(to)) await run('mv', ['--exchange', '--no-copy', '-T', beside, to]);
  else await run('mv', ['--no-copy', '-T', beside, to]);
  crashPoint('restore:exchanged');
  syncFolder(dirname(to));
  await flush(to);
  await removeData(beside);
}

export async function removeData(path: string): Promise<void> {
  if (!existsSync(path)) return;
  // A subvolume is deleted with `subvolume delete`; for a plain directory, `subvolume show` fails.
  const isSubvolume = (await tryRun('btrfs', ['subvolume', 'show', path])).code === 0;
  if (isSubvolume) await removeSubvolume(path);
  else rmSync(path, { recursive: true, force: true });
}

async function removeSubvolume(path: string): Promise<void> {
  // `subvolume delete` refuses a subvolume that has others in it, and so does one that is read-only.
  if (await hasNested(path)) {
    const writable = ['-exec', 'btrfs', 'property', 'set', '-t', 'subvol', '{}', 'ro', 'false', ';'];
    await onDisk('find', [path, ...subvolumes, ...writable]);
    const inner = ['-mindepth', '1', '-depth'];
    await onDisk('find', [path, ...inner, ...subvolumes, '-exec', 'btrfs', 'subvolume', 'delete', '{}', '+']);
  }
  await onDisk('btrfs', ['subvolume', 'delete', '--commit-after', path]);
}

async function refuseNested(path: string): Promise<void> {
  if (!(await hasNested(path))) return;
  const found = await onDisk('find', [path, '-mindepth', '1', ...subvolumes, '-printf', '%P\n']);
  const names = printable(found.stdout).trim().split('\n').join(', ');
  throw new Error(
    `${path} has btrfs subvolumes in it (${names}), which no snapshot contains. Nothing was changed. In the service's container (haven exec), move their files into plain folders and delete them with rm -r. Then run: haven up`,
  );
}

/** Whether a subvolume has others right below it. Quick, however much data it has. */
async function hasNested(path: string): Promise<boolean> {
  return (await run('btrfs', ['subvolume', 'list', '-o', path])).stdout.trim() !== '';
}

/**
 * What find(1) takes for a subvolume: each root has inode number 256, and nothing else has (BTRFS_FIRST_FREE_OBJECTID).
 * The list of btrfs gives paths too, but a name with a line feed can forge them.
 */
const subvolumes = ['-type', 'd', '-inum', '256'];

/** Writes everything on this file system to disk before it returns. */
export async function flush(path: string): Promise<void> {
  await onDisk('sync', ['-f', path]);
}

/** Removes the snapshots of all but the newest `keep` operations, and of those in `held`. Their names sort by time. */
export async function tidySnapshots(folder: string, keep: number, held: string[] = []): Promise<void> {
  if (!existsSync(folder)) return;
  const operations = readdirSync(folder).sort();
  const older = operations.slice(0, Math.max(0, operations.length - keep));
  await removeSnapshots(
    folder,
    older.filter((each) => !held.includes(each)),
  );
}

/**
 * Waits until the file system has freed what deleted subvolumes took, which it does afterwards and a quota counts until then. Not
 * longer than a program may have to wait for its start: on a busy disk the rest is freed later.
 */
export async function awaitFreed(path: string): Promise<void> {
  if (await canSnapshot(path)) await tryRun('timeout', ['20', 'btrfs', 'subvolume', 'sync', path]);
}

/** Removes the snapshots of these operations, where there are any. */
export async function removeSnapshots(folder: string, operations: string[]): Promise<void> {
  for (const op of operations.filter((each) => existsSync(join(folder, each)))) {
    for (const name of readdirSync(join(folder, op))) await removeData(join(folder, op, name));
    rmSync(join(folder, op), { recursive: true, force: true });
  }
}
