import { statfsSync } from 'node:fs';
import type { Use } from '../../core/operations/storage.ts';
import { run } from '../../system/run.ts';
import type { Layout } from '../store/layout.ts';

/** A disk that an operation writes to. */
export interface Disk {
  /** As in "on the volume". */
  name: string;
  /** In a list of what is checked. */
  shortName: string;
  /** A path on it. */
  path: string;
  /** What frees space there. */
  remedy: string;
}

/** The volume, and the disk with the images and containers, which is the server's own. */
export async function serverDisks(layout: Layout): Promise<Disk[]> {
  const images = (await run('docker', ['info', '--format', '{{.DockerRootDir}}'])).stdout.trim();
  return [
    {
      name: 'the volume',
      shortName: 'volume',
      path: layout.root,
      remedy: 'Delete data that is no longer used, or raise server.diskGb in haven.yaml.',
    },
    {
      name: "the server's own disk",
      shortName: 'system disk',
      path: images,
      remedy:
        'To see what uses it, run on the server, as root: docker system df -v   Delete images that no service uses.',
    },
  ];
}

/** How full each is. */
export async function readDisks(layout: Layout): Promise<(Use & { name: string; remedy: string })[]> {
  const disks = await serverDisks(layout);
  return disks.map(({ shortName, path, remedy }) => ({ name: shortName, remedy, ...useOf(path) }));
}

/** How much of a disk is in use, as df(1) counts: of what may be used without root's reserve. */
export function useOf(path: string): Use {
  const { blocks, bfree, bavail, bsize } = statfsSync(path);
  const usedBytes = (blocks - bfree) * bsize;
  return { usedBytes, totalBytes: usedBytes + bavail * bsize };
}

/**
 * Throws if one of the disks has less space than an operation may use, and names each. A full disk in the middle of an
 * operation is worse than one that is not begun: Docker could not start the previous release either.
 */
export async function assertFreeSpace(disks: Disk[], requiredBytes = 1024 ** 3): Promise<void> {
  const full = [];
  for (const { name, path, remedy } of disks) {
    const { usedBytes, totalBytes } = useOf(path);
    const free = totalBytes - usedBytes;
    if (free < requiredBytes)
      full.push(
        `Only ${shownMb(free)} MB are free on ${name} (${path}); at least ${shownMb(requiredBytes)} MB are required. ${remedy}`,
      );
  }
  if (full.length > 0) throw new Error(`${full.join('\n')}\nNothing was changed. Then run: haven up`);
}

const shownMb = (bytes: number): number => Math.floor(bytes / 1024 ** 2);
