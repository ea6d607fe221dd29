import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from '../../core/operations/entries.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { firstServer } from '../support/first-server.ts';
import type { Owner } from '../support/owner.ts';
import { BareEngine } from './bare-engine.ts';
import { type Figure, median, seconds, timed } from './figure.ts';
import { at } from './one-option.ts';

const rounds = 3;
/** What `up` may take beside the engine and the change itself, in milliseconds. */
const allowedMs = 2000;

/** One option of a service as its owner changes it, from the typed `up` to its end, in a cloud that is up. */
export async function benchTypedOption(
  owner: Owner,
  service: string,
  optionsOf: (round: number) => string,
): Promise<Figure> {
  const { machine } = await firstServer();
  const { kept } = await owner.plan();
  const bare = await BareEngine.open(owner, kept);
  try {
    const measured: { typed: number; maintenance: number; bare: number }[] = [];
    for (let round = 0; round < rounds; round++) {
      setOptions(owner, service, optionsOf(round));
      const typed = await timed(() => owner.must(['up', '--yes']));
      measured.push({
        typed,
        maintenance: await lastMaintenance(machine, service),
        bare: await timed(() => bare.up()),
      });
    }
    const typed = median(measured.map((each) => each.typed));
    const allowed = median(measured.map((each) => each.maintenance + engineRuns * each.bare + allowedMs));
    const maintenance = seconds(median(measured.map((each) => each.maintenance)));
    const engine = seconds(median(measured.map((each) => each.bare)));
    return {
      what: `one option of ${service}, typed to finished, ${kept} resources`,
      ours: seconds(typed),
      beside: `maintenance ${maintenance}, and twice a bare engine run of ${engine}`,
      ratio: typed / allowed,
      limit: { text: 'at most those and 2 s', holds: typed <= allowed },
    };
  } finally {
    bare.forget();
  }
}

/** A plan and a deploy: what a change takes of the engine at least. */
const engineRuns = 2;

/** Writes a service's entry in haven.yaml, which has one line for each. */
function setOptions(owner: Owner, service: string, options: string): void {
  const file = join(owner.directory, 'haven.yaml');
  const line = new RegExp(`^ {2}${service}: .*$`, 'm');
  const text = readFileSync(file, 'utf8');
  if (!line.test(text)) throw new Error(`haven.yaml has no line for ${service}`);
  writeFileSync(file, text.replace(line, `  ${service}: { options: ${options} }`));
}

/** For how long the last change kept a service in maintenance, in milliseconds. */
async function lastMaintenance(machine: string, service: string): Promise<number> {
  const { stdout } = await onMachine(machine, ['haven-agent', 'history', service]);
  const journal = JSON.parse(stdout) as Entry[];
  const last = journal.slice(journal.findLastIndex((each) => each.entry === 'open'));
  return at(last, 'did', 'leave-maintenance') - at(last, 'do', 'enter-maintenance');
}
