import { cpus } from 'node:os';
import type { Entry } from '../../core/operations/entries.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { firstServer } from '../support/first-server.ts';
import type { Owner } from '../support/owner.ts';
import { type Figure, seconds, timed } from './figure.ts';
import { processorByService, workedMs } from './processor.ts';

/** How fast a cloud with a login stands, and what takes the processors meanwhile. Nothing of it is up yet. */
export async function benchFirstCloud(owner: Owner): Promise<Figure[]> {
  const before = workedMs();
  const first = await timed(() => owner.must(['up', '--yes']));
  const worked = workedMs() - before;
  const { machine } = await firstServer();
  const slowest = await slowestStart(machine);
  return [
    {
      what: 'first cloud with a login, images warm',
      ours: seconds(first),
      beside: `cold start of ${slowest.service} in it: ${seconds(slowest.ms)}`,
      ratio: first / slowest.ms,
      limit: { ratio: 2.2 },
    },
    {
      what: `the same: its ${cpus().length} processors worked`,
      ours: seconds(worked),
      beside: `they had ${seconds(first * cpus().length)}`,
      ratio: worked / (first * cpus().length),
    },
    ...(await processorByService(machine, worked)),
  ];
}

/** The start that took longest, as the journal has it: programs, migrations and all. */
async function slowestStart(machine: string): Promise<{ service: string; ms: number }> {
  const starts = await Promise.all(
    ['keycloak', 'gitea', 'ldap'].map(async (service) => {
      const { stdout } = await onMachine(machine, ['haven-agent', 'history', service]);
      const journal = JSON.parse(stdout) as Entry[];
      const at = (entry: 'do' | 'did') =>
        journal.find((each) => each.entry === entry && each.step === 'start')?.at ?? '';
      return { service, ms: Date.parse(at('did')) - Date.parse(at('do')) };
    }),
  );
  return starts.toSorted((a, b) => b.ms - a.ms)[0]!;
}
