import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { newVolumeNote } from '../../core/new-volume-note.ts';
import { run, tryRun } from '../../system/run.ts';
import { limitAllData } from '../data/quotas.ts';
import type { Layout } from '../store/layout.ts';
import { isBlank } from './is-blank.ts';

/**
 * The volume with all data. `blkid` gives the same answer for a blank device, for a damaged file system and for a
 * device that can't be read, so that answer alone never leads to a new file system. Only set-up creates one, and only
 * on a device that is blank and that {@link newVolumeNote} names. A boot mounts what set-up found, and nothing else.
 */
export interface Volume {
  /** `/dev/disk/by-id/…`, as the provider names it. */
  device: string;
  /** Of its btrfs. */
  uuid: string;
}

/** What set-up is told of the volume. */
export interface VolumeOrder {
  device: string;
  /** What the provider says: at least that many times 10^9 bytes. */
  sizeGb: number;
  /** A server can see a new size a moment later than the provider says it. */
  seenWithinMs?: number;
}

/**
 * Mounts the volume, with a new file system if the volume is new, and enlarges the file system if the volume has
 * grown. Returns what changed, for a person to read. Run again, it changes nothing.
 */
export async function setUpVolume(
  layout: Layout,
  { device, sizeGb, seenWithinMs = 60_000 }: VolumeOrder,
  note = newVolumeNote,
): Promise<{ volume: Volume; changed: string[] }> {
  await untilAttached(device);
  await untilSeen(device, sizeGb, seenWithinMs);
  const found = (await fileSystemOf(device)) ?? (await createFileSystem(device, note));
  if (found.type !== 'btrfs')
    throw new Error(
      `The volume ${device} holds "${found.type}", not a haven's data. Nothing was changed. Attach the right volume, then run: haven up`,
    );
  const volume = { device, uuid: found.uuid };
  await mountAs(layout, volume);
  const changed = await enlargeFileSystem(layout);
  await limitAllData(layout);
  rmSync(note, { force: true });
  return { volume, changed };
}

/** Mounts the volume that set-up found, and uses all of it. Never creates a file system. */
export async function mountVolume(layout: Layout, volume: Volume): Promise<void> {
  await mountAs(layout, volume);
  await enlargeFileSystem(layout);
  await limitAllData(layout);
}

/**
 * The volume that is mounted, by the name under which this unit mounts it at the next boot; null where none is mounted. A
 * unit that would not mount the same file system names none, so `device` is empty.
 */
export async function mountedVolume(layout: Layout, unit = ''): Promise<Volume | null> {
  if ((await tryRun('mountpoint', ['-q', layout.root])).code !== 0) return null;
  const shown = await run('btrfs', ['filesystem', 'show', '--raw', layout.root], { timeoutMs: 30_000 });
  const uuid = /\buuid: ([0-9a-f-]+)/.exec(shown.stdout)?.[1] ?? 'unknown';
  const device = /^ExecStart=\S+ mount-volume (\S+)/m.exec(unit)?.[1] ?? '';
  const isSame = device !== '' && (await fileSystemOf(device))?.uuid === uuid;
  return { device: isSame ? device : '', uuid };
}

async function mountAs(layout: Layout, { device, uuid }: Volume): Promise<void> {
  if ((await tryRun('mountpoint', ['-q', layout.root])).code === 0) return;
  await untilAttached(device);
  const found = await fileSystemOf(device);
  if (!found) throw new Error(damaged(device));
  if (found.uuid !== uuid)
    throw new Error(
      `The volume ${device} holds ${found.type} ${found.uuid}, not this cloud's btrfs ${uuid}. Nothing was changed. Attach the right volume, then run on the server: systemctl start docker.service`,
    );
  mkdirSync(layout.root, { recursive: true });
  await run('mount', ['-t', 'btrfs', '-o', 'noatime', device, layout.root]);
}

interface FileSystem {
  type: string;
  uuid: string;
}

/** Undefined where blkid finds none, whatever the reason (blkid(8): exit status 2). */
async function fileSystemOf(device: string): Promise<FileSystem | undefined> {
  const probed = await tryRun('blkid', ['--probe', '--output', 'export', device]);
  if (probed.code === 2) return undefined;
  const tag = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(probed.stdout)?.[1] ?? 'unknown';
  return { type: tag('TYPE'), uuid: tag('UUID') };
}

async function createFileSystem(device: string, note: string): Promise<FileSystem> {
  const noted = existsSync(note) ? readFileSync(note, 'utf8').trim() : '';
  // After an interruption, half of a new file system is there, and the device is not blank any more.
  const begun = `${device} was blank`;
  if (noted !== begun) {
    if (!readsAsBlank(device)) throw new Error(damaged(device));
    if (noted !== device) throw new Error(notNew(device, note));
    writeFileSync(note, begun);
    await run('sync', [note]);
  }
  // It first discards what is on the device, which takes long on a large one.
  const options = ['--quiet', '--force', '--label', 'haven', ...(await quotaOption())];
  await run('mkfs.btrfs', [...options, device], { timeoutMs: 10 * 60_000 });
  return (await fileSystemOf(device))!;
}

/**
 * Simple quotas count only what is written after they are enabled, so a new file system has them from the start.
 * btrfs-progs before 6.7 can't do that; Debian 13 has 6.14.
 */
async function quotaOption(): Promise<string[]> {
  const { stdout, stderr } = await run('mkfs.btrfs', ['-O', 'list-all']);
  return /^squota\b/m.test(stdout + stderr) ? ['-O', 'squota'] : [];
}

function readsAsBlank(device: string): boolean {
  try {
    return isBlank(device);
  } catch (error) {
    throw new Error(
      `The volume ${device} can't be read (${error instanceof Error ? error.message : error}). Nothing was changed. Detach it from the server and attach it again, or ask the support of your provider. Then run: haven up`,
    );
  }
}

const notNew = (device: string, note: string): string =>
  `The volume ${device} is blank, but it is not a new one: ${note} does not name it. Nothing was changed. If it never held data, run: haven ssh 'echo ${device} > ${note}'   Then run: haven up`;

const damaged = (device: string): string =>
  `The volume ${device} is not blank, but its file system can't be recognized. It may be damaged. Nothing was changed. Run on the server, as root: btrfs rescue super-recover -v ${device}   Then run: systemctl start docker.service`;

/** The kernel does it while the file system is in use. Without anything to do it changes nothing. */
async function enlargeFileSystem({ root }: Layout): Promise<string[]> {
  const before = shownGb(fileSystemBytes(root));
  await run('btrfs', ['filesystem', 'resize', 'max', root]);
  const after = shownGb(fileSystemBytes(root));
  return before === after ? [] : [`file system of the volume: ${before} GB → ${after} GB`];
}

function fileSystemBytes(root: string): number {
  const { blocks, bsize } = statfsSync(root);
  return blocks * bsize;
}

const shownGb = (bytes: number): number => Math.round((bytes / 1024 ** 3) * 10) / 10;

async function untilSeen(device: string, sizeGb: number, withinMs: number): Promise<void> {
  for (const end = Date.now() + withinMs; ; await sleep(250)) {
    const bytes = Number((await run('blockdev', ['--getsize64', device])).stdout);
    if (bytes >= sizeGb * 1e9) return;
    if (Date.now() > end)
      throw new Error(
        `On this server the volume ${device} has ${shownGb(bytes)} GB, but the provider says ${sizeGb} GB. Nothing was changed. Restart the server in the console of your provider, then run: haven up`,
      );
  }
}

/** A volume can appear a moment after the server has booted. */
async function untilAttached(device: string): Promise<void> {
  for (let tries = 0; !existsSync(device); tries++) {
    if (tries > 240)
      throw new Error(
        `The volume ${device} is not attached to this server. Attach it, then run on the server: systemctl start docker.service`,
      );
    await sleep(250);
  }
}
