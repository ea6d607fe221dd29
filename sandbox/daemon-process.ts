import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../system/project-root.ts';
import { typed } from '../system/typed.ts';
import { waitUntil } from '../system/wait-until.ts';
import { pidFile, sandboxDir } from './host/paths.ts';

/** Part of the command line of the process behind the sandbox's APIs, as TypeScript or compiled. */
export const daemonCommand = 'sandbox/daemon.';

/** Starts it in the background and waits until its APIs answer. Does nothing if it is running already. */
export async function startDaemon(machineImage: string, store: string): Promise<void> {
  if (daemonPid()) return;
  mkdirSync(sandboxDir, { recursive: true });
  rmSync(pidFile, { force: true });
  const log = openSync(join(sandboxDir, 'daemon.log'), 'a');
  const script = fileURLToPath(new URL(`./daemon${extname(import.meta.url)}`, import.meta.url));
  const child = spawn(process.execPath, [script, machineImage, store], {
    cwd: projectRoot,
    detached: true,
    stdio: ['ignore', log, log],
  });
  child.unref();
  const logFile = join(sandboxDir, 'daemon.log');
  await waitUntil(
    `the sandbox's APIs (their log: ${logFile})`,
    () => existsSync(pidFile) || child.exitCode !== null,
    { timeoutMs: 60_000 },
  );
  if (child.exitCode !== null)
    throw new Error(
      `The sandbox's APIs stopped right after their start. Their log: ${logFile}. To start again with an empty sandbox, run: ${typed('sandbox reset')}`,
    );
}

/** Its process id while it is running. */
export function daemonPid(): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(daemonCommand) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Stops it and waits for its end. */
export async function stopDaemon(): Promise<void> {
  const pid = daemonPid();
  if (!pid) return;
  process.kill(pid, 'SIGTERM');
  await waitUntil("the sandbox's APIs to stop", () => !daemonPid());
  rmSync(pidFile, { force: true });
}
