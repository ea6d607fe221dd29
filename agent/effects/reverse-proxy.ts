import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunResult, run, tryRun } from '../../system/run.ts';
import type { Layout } from '../store/layout.ts';
import type { Starts } from './acknowledged-routes.ts';
import type { ProxyProgram } from './routes.ts';

const service = 'reverse-proxy';
const limitMs = 60_000;
const askMs = 30_000;

/** A program read its routes and refused them, so it serves what it did before. */
export class RefusedRoutes extends Error {}

/** The programs of the reverse proxy that run here, each with its container's id and start. */
export async function proxyStarts(layout: Layout): Promise<Starts> {
  if (!existsSync(layout.current(service))) return {};
  const filters = [`label=com.docker.compose.project=haven-${service}`, 'status=running'];
  const mine = filters.flatMap((each) => ['--filter', each]);
  const listed = await run('docker', ['ps', '--quiet', ...mine], { timeoutMs: askMs });
  const ids = listed.stdout.split('\n').filter(Boolean);
  if (ids.length === 0) return {};
  const format = '{{index .Config.Labels "com.docker.compose.service"}}\t{{.Id}} {{.State.StartedAt}}';
  // A container that ended meanwhile is missing in the answer, and the status is then not 0.
  const inspected = await tryRun('docker', ['inspect', '--format', format, ...ids], { timeoutMs: askMs });
  return Object.fromEntries(
    inspected.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('\t')),
  ) as Starts;
}

/**
 * Has a program load its routes. Answers with the start that acknowledged them; undefined if the program does not run
 * any more: it reads them when it starts. Throws at once if it refuses them, and after a minute if it can't be told.
 */
export async function reload(layout: Layout, program: ProxyProgram): Promise<string | undefined> {
  const end = Date.now() + limitMs;
  for (;;) {
    const start = (await proxyStarts(layout))[program];
    if (start === undefined) return undefined;
    const why = await ask(program, start.split(' ')[0]!);
    if (why === undefined) return start;
    if (Date.now() > end)
      throw new Error(
        `${titles[program]} could not be told the new routes within ${limitMs / 1000} s, and serves the ones from before: ${why}\nThe server tries again each minute. Run: haven logs ${service}`,
      );
    await sleep(200);
  }
}

const titles: Record<ProxyProgram, string> = { caddy: 'Caddy', haproxy: 'HAProxy' };

/** Asks once. Answers with why it can't be told, and throws if it refuses what it was told. */
async function ask(program: ProxyProgram, container: string): Promise<string | undefined> {
  for (const command of reloads[program]) {
    let result: RunResult;
    try {
      result = await tryRun('docker', ['exec', container, ...command], { timeoutMs: askMs });
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    if (result.code === 0) continue;
    const said = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-8).join('\n');
    if (isRefusal[program](said))
      throw new RefusedRoutes(
        `${titles[program]} refuses this configuration, and serves the one from before: ${said}`,
      );
    return said;
  }
  return undefined;
}

const caddyfile = ['--config', '/etc/caddy/Caddyfile', '--adapter', 'caddyfile'];
const reloads: Record<ProxyProgram, string[][]> = {
  // Forced: Caddy reads a new certificate only then, as the configuration only has its name.
  caddy: [['caddy', 'reload', ...caddyfile, '--address', 'unix//run/caddy/admin.sock', '--force']],
  // Open connections stay with the old process until they end. The signal is sent from inside the container, because
  // Docker counts a container that gets one by `docker kill` as stopped by hand, and does not start it at the next boot.
  haproxy: [
    ['haproxy', '-c', '-f', '/etc/haproxy/haproxy.cfg', '-f', '/routes'],
    ['sh', '-c', 'kill -USR2 1'],
  ],
};

/**
 * Whether a program read the configuration and refused it. Else it was not reached, for example because Caddy was
 * reopening its admin socket, as it does with each new configuration.
 */
export const isRefusal: Record<ProxyProgram, (said: string) => boolean> = {
  caddy: (said) => /adapting config|responded with error: HTTP 4\d\d/.test(said),
  haproxy: (said) => /\[ALERT\]/.test(said),
};
