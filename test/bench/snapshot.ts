import { onMachine } from '../../sandbox/machine/machine.ts';
import type { LabServer } from '../support/lab.ts';
import { type Figure, median, seconds } from './figure.ts';
import { at } from './one-option.ts';

// Each takes a fifth of a second, so that three would show the chance of the moment.
const rounds = 9;
const data = '/srv/haven/services/ledger/data/db/bench';

/** Snapshot and way back with more and more data, and with some that are not on disk yet. */
export async function benchSnapshot(server: LabServer): Promise<Figure[]> {
  const write = (megabytes: number, sync: string) =>
    onMachine(
      server.id,
      [
        'sh',
        '-c',
        `mkdir -p ${data} && dd if=/dev/urandom of=${data}/$(date +%s%N) bs=1M count=${megabytes} status=none; ${sync}`,
      ],
      {
        timeoutMs: 300_000,
      },
    );
  const empty = () => onMachine(server.id, ['sh', '-c', `rm -rf ${data}; sync`]);
  const bad = server.bundle('ledger', { version: 'bad', behaviour: 'exit' });
  const measure = async (before: () => Promise<unknown>) => {
    const snapshots: number[] = [];
    const returns: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await before();
      const { entries } = await server.apply(bad);
      snapshots.push(at(entries, 'did', 'snapshot') - at(entries, 'do', 'snapshot'));
      returns.push(
        at(entries, 'undid', 'switch') -
          at(entries, 'undo', 'switch') +
          at(entries, 'undid', 'snapshot') -
          at(entries, 'undo', 'snapshot'),
      );
    }
    return { snapshot: median(snapshots), back: median(returns) };
  };
  const figures: Figure[] = [];
  let first: { snapshot: number; back: number } | undefined;
  for (const [what, prepare, each] of [
    ['0.1 GB', () => write(100, 'sync'), async () => undefined],
    ['1 GB', () => write(900, 'sync'), async () => undefined],
    ['10 GB', () => write(9000, 'sync'), async () => undefined],
    ['200 MB of dirty pages', empty, () => write(200, 'true')],
  ] as [string, () => Promise<unknown>, () => Promise<unknown>][]) {
    await prepare();
    const now = await measure(each);
    first ??= now;
    const both = now.snapshot + now.back;
    figures.push({
      what: `snapshot and back, ${what}`,
      ours: `${seconds(now.snapshot)} and ${seconds(now.back)}`,
      beside: `with 0.1 GB: ${seconds(first.snapshot + first.back)}`,
      ratio: both / (first.snapshot + first.back),
      limit: { ratio: 1.2 },
    });
  }
  await empty();
  return figures;
}
