import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../../system/cache-dir.ts';
import { type RunOptions, type RunResult, run, tryRun } from '../../system/run.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { runtimeDir } from '../host/paths.ts';

/**
 * The Docker engine that the sandbox's machines are containers of. Where one already answers it is used; where none
 * does (no init, nothing started), we start one of our own, with its own socket and its own data, and stop it again.
 */
const ownSocket = join(runtimeDir, 'docker.sock');
const ownPidFile = join(runtimeDir, 'docker.pid');
const usualSocket = '/var/run/docker.sock';

let chosen: string | undefined;

async function answers(socket: string): Promise<boolean> {
  if (!existsSync(socket)) return false;
  const result = await tryRun(
    'docker',
    ['-H', `unix://${socket}`, 'version', '--format', '{{.Server.Version}}'],
    { timeoutMs: 20_000 },
  );
  return result.code === 0;
}

/** The socket of the engine in use; undefined when none answers. */
export async function dockerSocket(): Promise<string | undefined> {
  if (chosen) return chosen;
  for (const socket of [ownSocket, usualSocket]) {
    if (await answers(socket)) {
      chosen = socket;
      return socket;
    }
  }
  return undefined;
}

/** Starts an engine of our own unless one answers already. */
export async function startDocker(): Promise<{ socket: string; own: boolean }> {
  const there = await dockerSocket();
  if (there) return { socket: there, own: there === ownSocket };
  mkdirSync(runtimeDir, { recursive: true });
  mkdirSync(join(cacheDir, 'docker'), { recursive: true });
  // A pid file from before a crash would make dockerd refuse to start.
  if (existsSync(ownPidFile) && !isAlive(ownPid())) rmSync(ownPidFile);
  const log = openSync(join(cacheDir, 'docker.log'), 'w');
  const child = spawn(
    'dockerd',
    [
      ['--host', `unix://${ownSocket}`],
      ['--data-root', join(cacheDir, 'docker')],
      ['--exec-root', join(runtimeDir, 'docker')],
      ['--pidfile', ownPidFile],
      ['--bridge', 'none'],
      ['--storage-driver', 'overlay2'],
    ].flat(),
    { detached: true, stdio: ['ignore', log, log] },
  );
  child.unref();
  await waitUntil(`the Docker engine (its log: ${join(cacheDir, 'docker.log')})`, () => answers(ownSocket), {
    timeoutMs: 60_000,
  });
  chosen = ownSocket;
  return { socket: ownSocket, own: true };
}

/** Stops the Docker engine only if we started it. Returns whether we had. */
export async function stopDocker(): Promise<boolean> {
  chosen = undefined;
  const pid = ownPid();
  if (!isAlive(pid)) return false;
  process.kill(pid, 'SIGTERM');
  await waitUntil('the Docker engine to stop', () => !isAlive(pid), { timeoutMs: 30_000 });
  return true;
}

function ownPid(): number {
  try {
    return Number(readFileSync(ownPidFile, 'utf8').trim());
  } catch {
    return 0;
  }
}

function isAlive(pid: number): boolean {
  if (!pid) return false;
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'dockerd';
  } catch {
    return false;
  }
}

async function withSocket(args: string[]): Promise<string[]> {
  const socket = await dockerSocket();
  if (!socket) throw new Error('No Docker engine answers. Type: npm start');
  return ['-H', `unix://${socket}`, ...args];
}

/** What runs in a container, such as a test or a compiler, may take this long unless its caller says otherwise. */
const longestMs = 60 * 60_000;

/** `docker ARGS`, against the sandbox's engine; throws when it fails. */
export async function docker(args: string[], options: RunOptions = {}): Promise<RunResult> {
  return run('docker', await withSocket(args), { timeoutMs: longestMs, ...options });
}

/** `docker ARGS`, against the sandbox's engine; answers whatever the exit status. */
export async function tryDocker(args: string[], options: RunOptions = {}): Promise<RunResult> {
  return tryRun('docker', await withSocket(args), { timeoutMs: longestMs, ...options });
}
