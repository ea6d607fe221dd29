import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { extract } from 'tar';
import { DownloadError, download } from '../system/download.ts';
import { publishedChecksum, type Release } from './release.ts';

/** How programs are fetched. */
export interface FetchOptions {
  /** Where downloads are kept until they are used, also after an interruption. */
  downloads: string;
  report: Report;
  /** Refuses a release without a published checksum. */
  mustHaveChecksum: boolean;
}

/** What is told while programs are fetched. */
export interface Report {
  /** One line about what is done. */
  say(line: string): void;
  /** How far a download is, in bytes. */
  progress(what: string, received: number, total: number | undefined): void;
}

/** An archive grows to about four times its size; the program itself is on disk once more until it has its place. */
const room = 5;

/**
 * Fetches a release, verifies it, and puts its program at `to`, whole or not at all. Throws
 * {@link DownloadError}.
 */
export async function fetchProgram(
  release: Release,
  to: string,
  { downloads, report, mustHaveChecksum }: FetchOptions,
): Promise<void> {
  const { what, address, archive, checksums, program } = release;
  const checksum = await publishedChecksum(release);
  if (!checksum && mustHaveChecksum)
    throw new DownloadError('missing', `${address}/${checksums} has no checksum of ${archive}`);
  const file = await download({
    url: `${address}/${archive}`,
    folder: downloads,
    name: archive,
    checksum,
    room,
    onProgress: (received, total) => report.progress(what, received, total),
  });
  if (!checksum) report.say(`${what}: no checksum is published for it, so it was not compared with one`);
  const draft = join(dirname(to), `${basename(to)}.${process.pid}.new`);
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  try {
    await unpack(file, program, draft);
    const unpacked = join(draft, program);
    if (!existsSync(unpacked)) throw new DownloadError('changed', `${address}/${archive} has no ${program}`);
    chmodSync(unpacked, 0o755);
    await flush(unpacked);
    renameSync(unpacked, to);
  } finally {
    rmSync(draft, { recursive: true, force: true });
    rmSync(file, { force: true });
  }
}

/** Nothing but the program: the engine's archive also has the hosts of languages that are not used here. */
async function unpack(file: string, program: string, folder: string): Promise<void> {
  try {
    await extract({
      file,
      cwd: folder,
      strict: true,
      filter: (path, entry) =>
        'type' in entry && entry.type === 'File' && path.replace(/^\.\//, '') === program,
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new DownloadError('space', `there is no room left in ${folder}`);
    throw new DownloadError('changed', `${basename(file)} can't be unpacked (${message})`);
  }
}

/** So that a power cut leaves no program that is shorter than it was. */
async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
