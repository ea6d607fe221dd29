import { dnsProvider, openZones } from '../../components/dns-providers.ts';
import type { ExistingRecord } from '../../core/dns/existing-record.ts';
import { matchOwnRecords, type OwnRecords } from '../../core/dns/own-records.ts';
import { recordKey, recordMark } from '../../core/dns/record.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { AdoptedResource } from '../../stacks/adopt.ts';
import type { TakenPlaces } from '../../stacks/records.ts';
import type { SessionEngine } from './session.ts';

/** What has to be known of a cloud whose records are looked for. */
export interface RecordsSession {
  plan: Pick<Plan, 'haven' | 'zones' | 'records'>;
  environment: Record<string, string>;
  engine: Pick<SessionEngine, 'resources' | 'adoptRecords'>;
}

/**
 * The records with this cloud's mark that its state lost. `adoptOwnRecords` puts those that are planned into the state,
 * before a plan is shown: it then says what they will be changed to. What is left over is removed after success.
 */
export class OwnRecordsLeft {
  readonly #found: OwnRecords;
  readonly #session: RecordsSession;
  readonly #removals = new Map<string, Promise<void>>();

  constructor(found: OwnRecords, session: RecordsSession) {
    this.#found = found;
    this.#session = session;
  }

  /** Adopted ones keep what they say until there is a server to lead to; those in the way go right before. */
  get places(): TakenPlaces {
    const adopted = this.#found.adopt.map(({ as }) => [recordKey(as), {}] as const);
    const cleared = this.#found.clear.flatMap(({ planned }) =>
      planned.map((each) => [recordKey(each), { clear: () => this.#clear(recordKey(each)) }] as const),
    );
    return new Map([...adopted, ...cleared]);
  }

  /** Removes what the cloud no longer has. Answers with a line for each: what was removed, or why it was not. */
  async removeLeft(): Promise<string[]> {
    const lines: string[] = [];
    for (const record of this.#found.left) {
      const { name, type, content } = record;
      const words = `DNS record ${name} ${type} ${content}, which this cloud made earlier,`;
      try {
        await this.#remove(record);
        lines.push(`The ${words} was removed: nothing in the plan needs it.`);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        lines.push(`The ${words} could not be removed: ${why}. Remove it at your DNS provider.`);
      }
    }
    return lines;
  }

  async #clear(key: string): Promise<void> {
    const inTheWay = this.#found.clear.filter(({ planned }) =>
      planned.some((each) => recordKey(each) === key),
    );
    await Promise.all(inTheWay.flatMap(({ existing }) => existing).map((each) => this.#remove(each)));
  }

  /** Once for each record, however many ask for it. */
  #remove(record: ExistingRecord): Promise<void> {
    const removal =
      this.#removals.get(record.id) ??
      openZones(this.#session.plan.zones, this.#session.environment).get(record.zone)!.remove(record);
    this.#removals.set(record.id, removal);
    return removal;
  }
}

/** Changes nothing at a DNS provider. */
export async function adoptOwnRecords(session: RecordsSession): Promise<OwnRecordsLeft> {
  const { plan, environment, engine } = session;
  const mark = recordMark(plan.haven.id);
  const known = await engine.resources();
  const names = new Set(known.map(({ name }) => name));
  const ids = new Set(known.map(({ id }) => id));
  const states = new Map<ExistingRecord, { id: string; inputs: Record<string, unknown> }>();
  for (const [zone, zones] of openZones(plan.zones, environment))
    for (const record of await zones.records(zone)) {
      if (record.comment !== mark) continue;
      const state = await zones.stateOf(record);
      if (!ids.has(state.id)) states.set(record, state);
    }
  const planned = plan.records.filter((each) => !names.has(recordKey(each)));
  const found = matchOwnRecords(planned, [...states.keys()]);
  const adopted = new Map(
    found.adopt.map(({ as, existing }): [string, AdoptedResource] => {
      const { resource } = dnsProvider(plan.zones.find(({ name }) => name === existing.zone)!.dns);
      return [recordKey(as), { type: resource.type, version: resource.version, ...states.get(existing)! }];
    }),
  );
  await engine.adoptRecords(adopted);
  return new OwnRecordsLeft(found, session);
}
