import { onMachine } from '../../rehearsal/machine.ts';
import type { Entry } from '../../steward/transaction.ts';
import type { LabServer } from '../support/lab.ts';
import { type Figure, median, seconds, timed } from './figure.ts';

const rounds = 5;

/** One option changed, from closing the gate to opening it, beside `docker compose up` of the same change by hand. */
export async function benchOneOption(server: LabServer): Promise<Figure[]> {
  const gates: number[] = [];
  const proofs: number[] = [];
  const byHand: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { entries, outcome } = await server.apply(server.bundle('ledger', { version: `bench-${round}` }));
    if (outcome !== 'committed') throw new Error(`round ${round}: ${outcome}`);
    gates.push(at(entries, 'did', 'open-gate') - at(entries, 'do', 'close-gate'));
    proofs.push(at(entries, 'did', 'prove') - at(entries, 'do', 'prove'));
    const compose = `cd /srv/haven/services/ledger/current && docker compose --project-name haven-ledger`;
    byHand.push(
      await timed(() =>
        onMachine(server.id, [
          'sh',
          '-c',
          `${compose} down && OPTION_VERSION=hand-${round} ${compose.split(' && ')[1]} up -d --wait`,
        ]),
      ),
    );
  }
  const own = gates.map((gate, index) => gate - proofs[index]!);
  return [
    {
      what: 'one option changed, gate closed',
      ours: `${seconds(median(own))} and ${seconds(median(proofs))} for proofs`,
      beside: `docker compose down, up -d --wait by hand: ${seconds(median(byHand))}`,
      ratio: median(own) / median(byHand),
      limit: { ratio: 1.2 },
    },
  ];
}

export function at(entries: Entry[], kind: Entry['entry'], step: string): number {
  const entry = entries.find((each) => each.entry === kind && 'step' in each && each.step === step);
  if (!entry || !('at' in entry)) throw new Error(`no ${kind} ${step} in the journal`);
  return Date.parse(entry.at);
}
