import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ProblemsError } from '../core/problem.ts';
import { tryRun } from '../system/run.ts';
import { typed } from '../system/typed.ts';
import { waitUntil } from '../system/wait-until.ts';
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
      remedy: `To delete it, run: ${typed('sandbox reset')}`,
    },
  ]);
}

/** The process behind its APIs, while it runs. It listens where the APIs of this version do. */
export function olderDaemon(path: string): number | undefined {
  const pidFile = join(path, 'daemon.pid');
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0;
  const commandLine = `/proc/${pid}/cmdline`;
  if (!pid || !existsSync(commandLine)) return undefined;
  return readFileSync(commandLine, 'utf8').includes('rehearsal/daemon.') ? pid : undefined;
}

/** Deletes it: its APIs, its containers with their disks, its network and its folder. It is fine if there is none. */
export async function removeOlderSandbox(): Promise<void> {
  const path = olderSandbox();
  if (path === undefined) return;
  const daemon = olderDaemon(path);
  if (daemon !== undefined) {
    process.kill(daemon, 'SIGTERM');
    await waitUntil("the older sandbox's APIs to stop", () => olderDaemon(path) === undefined);
  }
  if (await dockerSocket()) {
    const left = await docker(['ps', '--all', '--quiet', '--filter', 'label=openhaven.rehearsal']);
    const ids = left.stdout.split('\n').filter(Boolean);
    if (ids.length > 0) await docker(['rm', '--force', '--volumes', ...ids]);
    await tryDocker(['network', 'rm', 'haven-try']);
  }
  await tryRun('ip', ['link', 'delete', 'haven-try']);
  rmSync(path, { recursive: true, force: true });
}
