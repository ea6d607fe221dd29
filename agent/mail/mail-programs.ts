import { run } from '../../system/run.ts';
import { containersOf } from '../effects/containers.ts';

/** The containers of a service that provides mail which are asked here. */
export type MailProgram = 'postfix' | 'dovecot';

/** Runs a command in a mail program's container and returns its output. Throws if the container does not run. */
export async function inMailProgram(
  service: string,
  program: MailProgram,
  command: string[],
): Promise<string> {
  const container = (await containersOf(service)).find(({ name }) => name === program);
  if (container?.state !== 'running')
    throw new Error(`${program} is not running, so it can't be asked. To see why, run: haven status`);
  return (await run('docker', ['exec', container.id, ...command], { timeoutMs: 60_000 })).stdout;
}
