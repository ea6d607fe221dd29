import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bundle } from '../../core/release/release.ts';
import { printable } from '../../system/printable.ts';
import { RunError, type RunResult, run, tryRun } from '../../system/run.ts';
import { withLock } from '../../system/with-lock.ts';
import { allUp, type Container, containersOf, isDone, projectOf } from '../effects/containers.ts';
import { connectToDependents } from '../effects/dependency-networks.ts';
import { currentHash, loadBundle } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { scrub } from '../store/secrets.ts';

async function compose(
  folder: string,
  service: string,
  args: string[],
  timeoutMs?: number,
): Promise<RunResult> {
  return tryRun('docker', ['compose', '--ansi', 'never', '--project-name', projectOf(service), ...args], {
    cwd: folder,
    timeoutMs,
  });
}

/**
 * Starts a release, waits until its containers report healthy, and connects it to those who depend on it. Compose only
 * starts: its own wait looks twice a second, and in version 2.26 takes a one-shot program that ended well for a failure and
 * sometimes ends with status 0 at its time limit.
 */
export async function startRelease(folder: string, bundle: Bundle): Promise<void> {
  const { service, startTimeoutSeconds } = bundle.release;
  const end = Date.now() + startTimeoutSeconds * 1000;
  const args = ['up', '--detach', '--no-build', '--remove-orphans', '--quiet-pull'];
  const up = () => compose(folder, service, args, (startTimeoutSeconds + 30) * 1000);
  try {
    let result = await up();
    if (result.code !== 0 && (await freeLeakedPort(folder, service, result.stderr))) result = await up();
    const isWell = result.code === 0 && (await settled(service, end));
    if (!isWell) throw new Error(await whyUnhealthy(folder, service, result.stderr));
    await connectToDependents(service);
  } catch (error) {
    if (error instanceof RunError) throw new Error(await whyUnhealthy(folder, service, error.message));
    throw error;
  }
}

/**
 * How often Docker starts a container again before its release counts as failed. It waits 0.1 s before the first time and
 * twice as long before each further one, so the fifth is after 3 s: enough for a program that ends once because another is
 * not ready.
 */
const mostRestarts = 5;

/**
 * Waits until every container of a service is up, or a one-shot program that ended well. False when one has ended, ends
 * again and again, or is unhealthy, and at `end`. It looks ten times a second at first, because the service is in maintenance
 * meanwhile, and less often later, because each look starts a process.
 */
async function settled(service: string, end: number): Promise<boolean> {
  const began = Date.now();
  for (;;) {
    const containers = await containersOf(service);
    if (allUp(containers)) return true;
    const isOver = (each: Container) =>
      each.health === 'unhealthy' || (each.state === 'exited' && !isDone(each));
    if (containers.some(isOver) || Date.now() > end || (await keepsEnding(containers))) return false;
    const waited = Date.now() - began;
    await sleep(waited < 3000 ? 100 : Math.min(1000, waited / 10));
  }
}

async function keepsEnding(containers: Container[]): Promise<boolean> {
  const ids = containers.filter((each) => each.state === 'restarting').map((each) => each.id);
  const counts = await Promise.all(ids.map(restartCount));
  return counts.some((count) => count >= mostRestarts);
}

/** How often Docker has started a container again because it ended. 0 for one that is gone. */
async function restartCount(id: string): Promise<number> {
  const { stdout } = await tryRun('docker', ['inspect', '--format', '{{.RestartCount}}', id]);
  return Number(stdout);
}

/**
 * A machine that dies while Docker publishes a port can leave the port reserved: at the next boot the daemon reserves
 * it again for a container that is gone (Docker 26.1). Only a restart of the daemon frees it; with live-restore the
 * containers keep running. Returns whether there was such a port.
 */
async function freeLeakedPort(folder: string, service: string, said: string): Promise<boolean> {
  const port = /Bind for \S+:(\d+) failed: port is already allocated/.exec(said)?.[1];
  if (port === undefined) return false;
  const holders = await run('docker', ['ps', '--quiet', '--filter', `publish=${port}`]);
  if (holders.stdout.trim() !== '') return false;
  await stopRelease(folder, service);
  await withLock('/run/haven/docker-restart.lock', () =>
    run('systemctl', ['restart', 'docker.service'], { timeoutMs: 5 * 60_000 }),
  );
  return true;
}

/** The exit code of a container that should be running but ended; undefined when it hasn't. */
async function lastFall(container: Container): Promise<string | undefined> {
  if (container.state === 'exited' || container.state === 'restarting')
    return isDone(container) ? undefined : String(container.exitCode ?? 'unknown');
  if ((await restartCount(container.id)) === 0) return undefined;
  const ended = ['--filter', `container=${container.id}`, '--filter', 'event=die'];
  const since = ['--since', '1h', '--until', '0s'];
  const format = ['--format', '{{.Actor.Attributes.exitCode}}'];
  const events = await tryRun('docker', ['events', ...ended, ...since, ...format]);
  return events.stdout.trim().split('\n').at(-1) || 'unknown';
}

/**
 * Starts the containers of a service that don't run, without waiting for what each depends on, and connects them to those
 * who depend on it. Docker starts them again when they end.
 */
export async function startContainers(service: string): Promise<void> {
  const containers = await containersOf(service);
  const ended = containers.filter((each) => !each.isOnce && ['created', 'exited'].includes(each.state));
  for (const { id } of ended) await tryRun('docker', ['start', id], { timeoutMs: 60_000 });
  await connectToDependents(service);
}

/** Names the container that failed, with the last lines of its log. */
async function whyUnhealthy(folder: string, service: string, said: string): Promise<string> {
  // With a file that Compose can't read nothing was started, and the containers are those from before.
  const read = await compose(folder, service, ['config', '--quiet']);
  if (read.code !== 0) return `Compose can't read the release: ${printable(read.stderr).trim()}`;
  const containers = await containersOf(service);
  // Docker restarts a container that ended, so one that is running right now may still be the one that failed.
  const falls = new Map(
    await Promise.all(containers.map(async (each) => [each, await lastFall(each)] as const)),
  );
  // A container that ended failed on its own; one that is unhealthy or still starting may be waiting for it.
  const rank = (each: Container) =>
    falls.get(each) !== undefined ? 0 : each.health === 'unhealthy' ? 1 : each.health === 'starting' ? 2 : 3;
  const culprit = containers.toSorted((a, b) => rank(a) - rank(b))[0];
  if (!culprit || rank(culprit) === 3) return printable(said).trim().split('\n').slice(-3).join('\n');
  const log = await compose(folder, service, [
    'logs',
    '--no-color',
    '--no-log-prefix',
    '--tail',
    '15',
    culprit.name,
  ]);
  const state =
    rank(culprit) === 0
      ? `ended with status ${falls.get(culprit)}`
      : culprit.health === 'starting'
        ? 'did not become healthy in time'
        : 'is unhealthy';
  const format = '{{if .State.Health}}{{range .State.Health.Log}}{{.Output}}{{end}}{{end}}';
  const checks =
    culprit.state === 'running'
      ? await tryRun('docker', ['inspect', '--format', format, culprit.id])
      : undefined;
  const check = printable(checks?.stdout ?? '')
    .trim()
    .split('\n')
    .at(-1);
  return `${culprit.name} ${state}${check ? `; its health check says: ${check}` : ''}. Its last lines:\n${printable(log.stdout + log.stderr).trim()}`;
}

/** Stops the containers of a service and leaves them for the next release. Does nothing when there are none. */
export async function haltRelease(folder: string, service: string): Promise<void> {
  if (!existsSync(join(folder, 'compose.yaml'))) return;
  const result = await compose(folder, service, ['stop', '--timeout', '30'], 120_000);
  if (result.code !== 0) throw new RunError(`docker compose stop (${service})`, result);
}

/**
 * Stops and removes the containers and networks of a service, and keeps its data. Does nothing when there are none.
 */
export async function stopRelease(folder: string, service: string): Promise<void> {
  if (!existsSync(join(folder, 'compose.yaml'))) return;
  const result = await compose(folder, service, ['down', '--timeout', '30', '--remove-orphans'], 120_000);
  if (result.code !== 0) throw new RunError(`docker compose down (${service})`, result);
}

/** The releases that the containers were made from. Their folders hold files that those containers read. */
export async function releasesInUse(service: string): Promise<string[]> {
  const format = '{{.Label "com.docker.compose.project.working_dir"}}';
  const listed = await run('docker', [
    'ps',
    '--all',
    '--filter',
    `label=com.docker.compose.project=${projectOf(service)}`,
    '--format',
    format,
  ]);
  return listed.stdout.split('\n').flatMap((folder) => basename(folder.trim()) || []);
}

/** The latest lines of a service's logs, with secrets redacted. */
export async function serviceLogs(layout: Layout, service: string, lines: number): Promise<string> {
  const hash = currentHash(layout, service);
  if (!hash) throw new Error(`There is no service "${service}" on this server. See: haven status`);
  const log = await compose(layout.release(service, hash), service, [
    'logs',
    '--no-color',
    '--timestamps',
    '--tail',
    String(lines),
  ]);
  return scrub(layout, loadBundle(layout, service, hash).release, printable(log.stdout + log.stderr));
}
