import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, tryRun } from '../../system/run.ts';
import type { Layout } from '../store/layout.ts';
import type { Starts } from './acknowledged-routes.ts';
import { containersOf } from './containers.ts';
import type { RouteStates } from './route-states.ts';
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

const titles: Record<ProxyProgram, string> = { caddy: 'Caddy', haproxy: 'HAProxy' };

/**
 * Has a program load its routes. Answers with the start that acknowledged them; undefined if the program does not run
 * any more: it reads them when it starts. Throws at once if it refuses them, and after a minute if it can't be told.
 */
export async function reload(layout: Layout, program: ProxyProgram): Promise<string | undefined> {
  const what = `${titles[program]} could not be told the new routes within ${limitMs / 1000} s, and serves the ones from before`;
  return untilReached(what, async () => {
    const start = (await proxyStarts(layout))[program];
    if (start === undefined) return { answer: undefined };
    const why = await ask(program, start.split(' ')[0]!);
    return why === undefined ? { answer: start } : { why };
  });
}

/**
 * Asks Caddy how it answers visitors of each service, by the same matcher, and throws if that is not as it should be: to a
 * folder that Caddy can't read it would pay no attention. Does nothing if Caddy does not run.
 */
export async function confirmStates(layout: Layout, states: RouteStates): Promise<void> {
  const services = [...states.keys()];
  if (services.length === 0 || !existsSync(layout.current(service))) return;
  const what = `Caddy could not be asked within ${limitMs / 1000} s which services are in maintenance`;
  const seen = await untilReached(what, async () => {
    const caddy = await runningCaddy();
    if (caddy === undefined) return { answer: undefined };
    // From inside: while the reverse proxy itself is in maintenance, only its own user gets through.
    const urls = services.map((each) => `http://127.0.0.1:2021/states/${each}`);
    const asked = await execIn(caddy, ['curl', '-sS', '--max-time', '10', ...urls]);
    return 'why' in asked ? asked : { answer: asked.answer.split('\n') };
  });
  if (seen === undefined) return;
  const wrong = services.flatMap((each, index) =>
    seen[index] === states.get(each)
      ? []
      : [`${each} should be "${states.get(each)}" and is "${seen[index] ?? ''}"`],
  );
  if (wrong.length > 0)
    throw new Error(
      `Caddy does not see the files that say which services are in maintenance: ${wrong.join(', ')}. Its user (uid 2010) must be able to read their folders. Run on the server, as root: chmod 755 ${dirname(layout.routeStates('maintenance'))} ${layout.routeStates('maintenance')} ${layout.routeStates('stopped')}`,
    );
}

/**
 * How many requests Caddy has passed on and not yet answered, to any service: 0 if Caddy does not run, undefined if it does
 * not say, as while it loads a configuration.
 */
export async function runningRequests(layout: Layout): Promise<number | undefined> {
  if (!existsSync(layout.current(service))) return 0;
  const caddy = await runningCaddy();
  if (caddy === undefined) return 0;
  const upstreams = 'http://127.0.0.1/reverse_proxy/upstreams';
  const socket = ['--unix-socket', '/run/caddy/admin.sock'];
  const asked = await execIn(caddy, ['curl', '-sSf', '--max-time', '2', ...socket, upstreams]);
  return 'why' in asked ? undefined : countRequests(asked.answer);
}

/** The id of Caddy's container; undefined if it does not run. */
async function runningCaddy(): Promise<string | undefined> {
  const caddy = (await containersOf(service)).find((each) => each.name === 'caddy');
  return caddy?.state === 'running' ? caddy.id : undefined;
}

/** Of what Caddy's admin API says of each program to which it passes requests on (caddyserver.com/docs/api). */
export function countRequests(text: string): number {
  const programs = JSON.parse(text) as { num_requests: number }[] | null;
  return (programs ?? []).reduce((sum, each) => sum + each.num_requests, 0);
}

/** Tries until there is an answer, for a minute: Caddy reopens its ports with each configuration. */
async function untilReached<T>(
  what: string,
  attempt: () => Promise<{ answer: T } | { why: string }>,
): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const result = await attempt();
    if ('answer' in result) return result.answer;
    if (Date.now() > end)
      throw new Error(
        `${what}: ${result.why}\nThe server tries again each minute. Run: haven logs ${service}`,
      );
    await sleep(200);
  }
}

/** Asks once. Answers with why it can't be told, and throws if it refuses what it was told. */
async function ask(program: ProxyProgram, container: string): Promise<string | undefined> {
  for (const command of reloads[program]) {
    const result = await execIn(container, command);
    if ('answer' in result) continue;
    if (isRefusal[program](result.why))
      throw new RefusedRoutes(
        `${titles[program]} refuses this configuration, and serves the one from before: ${result.why}`,
      );
    return result.why;
  }
  return undefined;
}

/** Runs a command in a container. Answers with its output, or with why it failed. */
async function execIn(container: string, command: string[]): Promise<{ answer: string } | { why: string }> {
  try {
    const result = await tryRun('docker', ['exec', container, ...command], { timeoutMs: askMs });
    if (result.code === 0) return { answer: result.stdout };
    return { why: (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-8).join('\n') };
  } catch (error) {
    // It did not end in time.
    return { why: error instanceof Error ? error.message : String(error) };
  }
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
