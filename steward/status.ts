import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../system/run.ts';
import { currentHash } from './bundle-store.ts';
import { readJournal } from './journal.ts';
import type { Layout } from './layout.ts';
import { isGateClosed, lastOperation } from './transaction.ts';

export type SeenState = 'up' | 'down' | 'off' | 'changing';

/**
 * Looks at every service and writes what was seen where pages can show it. One question to Docker for all of them, for
 * this is asked every minute.
 */
export async function writeStatus(layout: Layout): Promise<{ services: { id: string; state: SeenState }[] }> {
  const format = '{{.Label "com.docker.compose.project"}}\t{{.State}}\t{{.Status}}\t{{.Label "haven.once"}}';
  const { stdout } = await run('docker', ['ps', '--all', '--format', format]);
  const containers = stdout.split('\n').map((line) => line.split('\t'));
  const ids = existsSync(layout.services) ? readdirSync(layout.services).sort() : [];
  const services = ids
    .filter((id) => currentHash(layout, id))
    .map((id) => {
      const own = containers.filter(([project, , , once]) => project === `haven-${id}` && once !== 'true');
      return { id, state: stateOf(layout, id, own) };
    });
  const status = { at: new Date().toISOString(), services };
  mkdirSync(layout.status, { recursive: true });
  // In place, for a folder is mounted and readers open it anew each time.
  writeFileSync(join(layout.status, 'status.json'), `${JSON.stringify(status)}\n`, { mode: 0o644 });
  return status;
}

function stateOf(layout: Layout, id: string, containers: string[][]): SeenState {
  if (isGateClosed(lastOperation(readJournal(layout.journal(id))))) return 'changing';
  if (existsSync(layout.switchedOff(id))) return 'off';
  const isWell = ([, state, status]: string[]) =>
    state === 'running' && !/unhealthy|starting/.test(status ?? '');
  return containers.length > 0 && containers.every(isWell) ? 'up' : 'down';
}
