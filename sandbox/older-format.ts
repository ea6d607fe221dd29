import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ProblemsError } from '../core/problem.ts';
import { tryRun } from '../system/run.ts';
import { sandboxDir } from './host/paths.ts';
import { docker, dockerSocket, tryDocker } from './machine/docker.ts';

/**
 * A sandbox that an earlier version of OpenHaven left on this machine (format 1: the folder `try`, containers and a
 * network of other names). It holds the addresses that a sandbox needs, and its cloud can't be read.
 */
export const olderSandbox = (folder = dirname(sandboxDir)): string | undefined => {
  const path = join(folder, 'try');
  return existsSync(path) ? path : undefined;
};

export function assertNoOlderSandbox(folder?: string): void {
  const path = olderSandbox(folder);
  if (path === undefined) return;
  throw new ProblemsError([
    {
      where: path,
      what: 'holds a sandbox of an earlier version of OpenHaven (format 1), which this version cannot use. Nothing was changed.',
      remedy: 'To delete it, run: npm run haven -- sandbox reset',
    },
  ]);
}

/** Deletes it: its containers with their disks, its network and its folder. It is fine if there is none. */
export async function removeOlderSandbox(): Promise<void> {
  const path = olderSandbox();
  if (path === undefined) return;
  if (await dockerSocket()) {
    const left = await docker(['ps', '--all', '--quiet', '--filter', 'label=openhaven.rehearsal']);
    const ids = left.stdout.split('\n').filter(Boolean);
    if (ids.length > 0) await docker(['rm', '--force', '--volumes', ...ids]);
    await tryDocker(['network', 'rm', 'haven-try']);
  }
  await tryRun('ip', ['link', 'delete', 'haven-try']);
  rmSync(path, { recursive: true, force: true });
}
