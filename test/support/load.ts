import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loopbackPort } from '../../core/release/render-release.ts';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import ledger from '../services/ledger/service.ts';

const writer = readFileSync(fileURLToPath(new URL('./writer.mjs', import.meta.url)), 'utf8');
export const ledgerPort = loopbackPort(ledger, 'http');
const file = '/var/tmp/acknowledged';

/**
 * How long each of the writer's four lanes pauses after a row, in milliseconds. `some` are 40 rows a second, so many in each
 * step of an operation. With `many`, more than a hundred, database and disk keep a core busy.
 */
export const pauses = { some: 100, many: 20 };
export type Load = keyof typeof pauses;

/** Starts the writer on a server, as an ordinary user: for the trial it is just another daemon on the host. */
export async function startLoad(machine: string, load: Load = 'some'): Promise<void> {
  const unit = '--quiet --unit=writer --collect --uid=nobody -p Restart=always';
  const run = `/usr/bin/node /var/tmp/writer.mjs http://127.0.0.1:${ledgerPort} ${file} ${pauses[load]}`;
  const script = [
    '{ systemctl stop writer.service 2> /dev/null || true; }',
    'cat > /var/tmp/writer.mjs',
    `touch ${file}`,
    `chown nobody ${file}`,
    `systemd-run ${unit} ${run}`,
  ].join(' && ');
  await onMachine(machine, ['sh', '-c', script], { input: writer });
}

export async function stopLoad(machine: string): Promise<void> {
  await tryOnMachine(machine, ['systemctl', 'stop', 'writer.service']);
}

export async function acknowledged(machine: string): Promise<string[]> {
  const text = (await onMachine(machine, ['cat', file])).stdout;
  return text.split('\n').filter(Boolean);
}

/** The rows that were acknowledged and aren't there: the list that must be empty. */
export async function lostRows(
  machine: string,
): Promise<{ lost: string[]; acknowledged: number; kept: number }> {
  const promised = await acknowledged(machine);
  // A database whose data was full starts again once more after there is space.
  const rows = await waitUntil(
    'the rows',
    async () => {
      const address = `http://127.0.0.1:${ledgerPort}/rows`;
      const { code, stdout } = await tryOnMachine(machine, ['curl', '-fsS', '--max-time', '20', address]);
      return code === 0 ? { text: stdout } : undefined;
    },
    { timeoutMs: 60_000 },
  );
  const kept = new Set(rows.text.split('\n').filter(Boolean));
  return { lost: promised.filter((id) => !kept.has(id)), acknowledged: promised.length, kept: kept.size };
}

export async function ledgerVersion(machine: string): Promise<string> {
  return (
    await onMachine(machine, ['curl', '-fsS', '--max-time', '10', `http://127.0.0.1:${ledgerPort}/version`])
  ).stdout;
}
