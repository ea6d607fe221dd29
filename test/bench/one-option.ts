import type { Entry } from '../../agent/transaction.ts';
import { onMachine } from '../../rehearsal/machine.ts';
import type { LabServer } from '../support/lab.ts';
import { type Figure, median, seconds, timed } from './figure.ts';

const rounds = 5;

/** How somebody changes the same option with compose alone, in the folder of the release. */
const byHand: Record<string, (round: number) => string> = {
  website: () => 'docker compose up -d --wait --force-recreate',
  ledger: (round) => `OPTION_VERSION=hand-${round} docker compose up -d --wait`,
};

/** One option changed, from closing the gate to opening it, beside `docker compose up` of the same change by hand. */
export async function benchOneOption(server: LabServer): Promise<Figure[]> {
  return [
    {
      ...(await measure(server, 'website', (round) => ({ title: `bench ${round}` }))),
      limit: { ratio: 1.2 },
    },
    // By hand the database runs on, and nothing could be taken back.
    await measure(server, 'ledger', (round) => ({ version: `bench-${round}` })),
  ];
}

async function measure(
  server: LabServer,
  service: string,
  options: (round: number) => Record<string, unknown>,
): Promise<Figure> {
  await server.apply(server.bundle(service));
  const gates: number[] = [];
  const proofs: number[] = [];
  const hands: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { entries, outcome } = await server.apply(server.bundle(service, options(round)));
    if (outcome !== 'committed') throw new Error(`${service}, round ${round}: ${outcome}`);
    gates.push(at(entries, 'did', 'open-gate') - at(entries, 'do', 'close-gate'));
    proofs.push(at(entries, 'did', 'prove') - at(entries, 'do', 'prove'));
    const command = `cd /srv/haven/services/${service}/current && ${byHand[service]!(round)}`;
    hands.push(await timed(() => onMachine(server.id, ['sh', '-c', command])));
  }
  const own = median(gates.map((gate, index) => gate - proofs[index]!));
  return {
    what: `one option of ${service}, gate closed`,
    ours: `${seconds(own)} and ${seconds(median(proofs))} for proofs`,
    beside: `docker compose up -d --wait by hand: ${seconds(median(hands))}`,
    ratio: own / median(hands),
  };
}

/** When an entry was written, in milliseconds. */
export function at(entries: Entry[], kind: Entry['entry'], step: string): number {
  const entry = entries.find((each) => each.entry === kind && 'step' in each && each.step === step);
  if (!entry || !('at' in entry)) throw new Error(`no ${kind} ${step} in the journal`);
  return Date.parse(entry.at);
}
