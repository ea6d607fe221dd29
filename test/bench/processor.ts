import { cpus } from 'node:os';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { type Figure, seconds } from './figure.ts';

/** What all processors of this machine have worked since it started, for all programs, in milliseconds. */
export const workedMs = (): number =>
  cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);

/**
 * Processor time that each service's containers have used since they were started, most first, and below them what else
 * this machine worked in that time: the engine, the agent, Docker, and containers that ended, such as those of hooks.
 */
export async function processorByService(machine: string, wholeMs: number): Promise<Figure[]> {
  const services = [...(await usedByService(machine))].sort(([, a], [, b]) => b - a);
  const rest = wholeMs - services.reduce((sum, [, ms]) => sum + ms, 0);
  return [...services, ['everything else on this machine', rest] as const].map(([what, ms]) => ({
    what: `processor time in the first cloud: ${what}`,
    ours: seconds(ms),
    beside: '',
  }));
}

/** By Docker's own figures (Engine API, ContainerStats: nanoseconds of all processors together). */
async function usedByService(machine: string): Promise<Map<string, number>> {
  const ask = (path: string) =>
    onMachine(machine, ['curl', '-fsS', '--unix-socket', '/run/docker.sock', `http://docker${path}`]);
  const { stdout } = await ask('/containers/json');
  const running = JSON.parse(stdout) as { Id: string; Labels: Record<string, string> }[];
  const used = new Map<string, number>();
  for (const { Id, Labels } of running) {
    const project = Labels['com.docker.compose.project'] ?? 'other containers';
    const service = project.replace(/^haven-/, '');
    const stats = JSON.parse((await ask(`/containers/${Id}/stats?stream=false&one-shot=true`)).stdout) as {
      cpu_stats: { cpu_usage: { total_usage: number } };
    };
    used.set(service, (used.get(service) ?? 0) + stats.cpu_stats.cpu_usage.total_usage / 1e6);
  }
  return used;
}
