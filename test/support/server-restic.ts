import { existsSync, mkdirSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ensureMachineImage } from '../../sandbox/images/images.ts';
import { docker, startDocker } from '../../sandbox/machine/docker.ts';
import { cacheDir } from '../../system/cache-dir.ts';
import { withLock } from '../../system/with-lock.ts';

/** Making the image of sandbox servers takes minutes on a new machine. */
const imageWaitMs = 30 * 60_000;

/**
 * Puts restic as servers have it, from Debian 13, first on PATH of this process: this machine's own may be years older.
 * It comes from the image of sandbox servers.
 */
export async function useServerRestic(): Promise<void> {
  await startDocker();
  const lock = join(cacheDir, 'test-programs', 'restic.lock');
  const folder = await withLock(lock, takeOut, { waitMs: imageWaitMs });
  process.env.PATH = `${folder}${delimiter}${process.env.PATH}`;
}

async function takeOut(): Promise<string> {
  const { reference } = await ensureMachineImage();
  const folder = join(cacheDir, 'test-programs', `restic-${reference.split(':')[1]}`);
  const program = join(folder, 'restic');
  if (existsSync(program)) return folder;
  mkdirSync(folder, { recursive: true });
  const container = (await docker(['create', reference, 'true'])).stdout.trim();
  try {
    await docker(['cp', `${container}:/usr/bin/restic`, `${program}.new`]);
  } finally {
    await docker(['rm', container]);
  }
  await rename(`${program}.new`, program);
  return folder;
}
