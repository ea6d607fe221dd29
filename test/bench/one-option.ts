import type { Entry } from '../../core/operations/entries.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import type { LabServer } from '../support/lab.ts';
import { type Figure, median, seconds, timed } from './figure.ts';

const rounds = 5;

/** The command that changes the same option with Docker Compose alone, in the release's folder. */
const byHand: Record<string, (round: number) => string> = {
  website: () => 'docker compose up -d --wait --force-recreate',
  ledger: (round) => `OPTION_VERSION=hand-${round} docker compose up -d --wait`,
};

/** One option changed, in maintenance, beside `docker compose up` of the same change by hand. */
export async function benchOneOption(server: LabServer): Promise<Figure[]> {
  return [
    {
      ...(await measure(server, 'website', (round) => ({ title: `bench ${round}` }))),
      limit: { ratio: 1.2 },
    },
    // Without a limit: by hand the database is not restarted, but nothing could be undone either.
    await measure(server, 'ledger', (round) => ({ version: `bench-${round}` })),
  ];
}

async function measure(
  server: LabServer,
  service: string,
  options: (round: number) => Record<string, unknown>,
): Promise<Figure> {
  await server.apply(server.bundle(service));
  const times: number[] = [];
  const healthChecks: number[] = [];
  const hands: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { entries, outcome } = await server.apply(server.bundle(service, options(round)));
    if (outcome !== 'committed') throw new Error(`${service}, round ${round}: ${outcome}`);
    times.push(at(entries, 'did', 'leave-maintenance') - at(entries, 'do', 'enter-maintenance'));
    healthChecks.push(at(entries, 'did', 'check') - at(entries, 'do', 'check'));
    const command = `cd /srv/haven/services/${service}/current && ${byHand[service]!(round)}`;
    hands.push(await timed(() => onMachine(server.id, ['sh', '-c', command])));
  }
  const own = median(times.map((time, index) => time - healthChecks[index]!));
  return {
    what: `one option of ${service}, in maintenance`,
    ours: `${seconds(own)} and ${seconds(median(healthChecks))} for healthChecks`,
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
