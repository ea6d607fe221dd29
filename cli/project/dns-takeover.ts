import type { DnsZones } from '../../components/dns-provider.ts';
import { dnsProvider } from '../../components/dns-providers.ts';
import type { AnsweredConflict } from '../../core/dns/conflicts.ts';
import type { ExistingRecord } from '../../core/dns/existing-record.ts';
import { recordKey, recordMark } from '../../core/dns/record.ts';
import { judgeRemoval, removalOf } from '../../core/dns/takeover.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Problem } from '../../core/problem.ts';
import type { AdoptedResource } from '../../stacks/adopt.ts';
import type { TakenPlaces } from '../../stacks/records.ts';
import { type JournaledRemoval, RemovalJournal } from './removal-journal.ts';

/** What a takeover has to know of a plan. */
type TakenOver = Pick<Plan, 'haven' | 'zones' | 'records'>;

/**
 * Carries out what an owner answered about their own records. Adopted ones are marked as ours and stay. Of those to be
 * replaced each is removed once, whatever it is in the way of, and right before the first record that needs its place
 * is made; `core/dns/takeover.ts` says when that counts and when it is undone.
 */
export class DnsTakeover {
  readonly #directory: string;
  readonly #plan: TakenOver;
  readonly #conflicts: AnsweredConflict[];
  readonly #environment: Record<string, string>;
  readonly #removals = new Map<string, Promise<void>>();

  constructor(
    directory: string,
    plan: TakenOver,
    conflicts: AnsweredConflict[],
    environment: Record<string, string>,
  ) {
    this.#directory = directory;
    this.#plan = plan;
    this.#conflicts = conflicts;
    this.#environment = environment;
  }

  /** Marks the adopted records as ours; answers with what the engine's state must know of them. */
  async adopt(): Promise<Map<string, AdoptedResource>> {
    const adopted = new Map<string, AdoptedResource>();
    for (const conflict of this.#conflicts) {
      if (conflict.answer !== 'adopt') continue;
      const { type, version } = this.#provider(conflict.existing).resource;
      const record = await this.#zones(conflict.existing).adopt(conflict.existing, this.#mark);
      adopted.set(recordKey(conflict.as), { type, version, ...record });
    }
    return adopted;
  }

  /** What the engine's program must know: which planned records find their place taken, and how it is cleared. */
  get places(): TakenPlaces {
    const adopted = this.#conflicts.flatMap((each) =>
      each.answer === 'adopt' ? [[recordKey(each.as), {}] as const] : [],
    );
    const cleared = this.#replaced.flatMap(({ planned }) =>
      planned.map((record) => [recordKey(record), { clear: () => this.#clear(recordKey(record)) }] as const),
    );
    return new Map([...adopted, ...cleared]);
  }

  /**
   * Ends the takeover after the engine's run. After success whatever was to be replaced goes, also where nothing new had
   * to be made in its place; after a failure what does not count is put back.
   */
  async end(succeeded: boolean): Promise<Settled> {
    if (!succeeded) return settleRemovals(this.#directory, this.#plan.haven.id, this.#environment);
    const removals = await Promise.allSettled(this.#replaced.map(({ existing }) => this.#remove(existing)));
    const journal = new RemovalJournal(this.#directory);
    for (const { existing } of this.#replaced) journal.drop(existing.id);
    const problems = removals.flatMap((each, index) =>
      each.status === 'rejected' ? [notRemoved(this.#replaced[index]!, each.reason)] : [],
    );
    return { putBack: [], problems };
  }

  get #replaced(): AnsweredConflict[] {
    return this.#conflicts.filter((each) => each.answer === 'replace');
  }

  async #clear(key: string): Promise<void> {
    const inTheWay = this.#replaced.filter(({ planned }) => planned.some((each) => recordKey(each) === key));
    await Promise.all(inTheWay.map(({ existing }) => this.#remove(existing)));
  }

  /** Once for each record, however many ask for it. */
  #remove(existing: ExistingRecord): Promise<void> {
    const removal = this.#removals.get(existing.id) ?? this.#removeNow(existing);
    this.#removals.set(existing.id, removal);
    return removal;
  }

  async #removeNow(existing: ExistingRecord): Promise<void> {
    new RemovalJournal(this.#directory).add({
      ...removalOf(existing, this.#plan.records),
      provider: this.#provider(existing).id,
    });
    await this.#zones(existing).remove(existing);
  }

  #provider({ zone }: ExistingRecord) {
    return dnsProvider(this.#plan.zones.find((each) => each.name === zone)!.dns);
  }

  #zones(existing: ExistingRecord): DnsZones {
    return this.#provider(existing).open!(this.#environment);
  }

  get #mark(): string {
    return recordMark(this.#plan.haven.id);
  }
}

/** What became of removals: records that were put back, and what is still to be done. */
export interface Settled {
  putBack: ExistingRecord[];
  problems: Problem[];
}

/**
 * Settles the removals of a run that is over: those that count are forgotten, every other is undone. What can't be
 * settled now stays in the journal for the next `haven plan` or `haven up`.
 */
export async function settleRemovals(
  directory: string,
  havenId: string,
  environment: Record<string, string>,
): Promise<Settled> {
  const journal = new RemovalJournal(directory);
  const settled: Settled = { putBack: [], problems: [] };
  if (journal.isInUse) return settled;
  for (const removal of journal.removals) {
    try {
      if (await settle(removal, recordMark(havenId), environment)) settled.putBack.push(removal.existing);
      journal.drop(removal.existing.id);
    } catch (error) {
      settled.problems.push(notPutBack(removal.existing, error));
    }
  }
  return settled;
}

/** Answers whether the record was put back. */
async function settle(
  removal: JournaledRemoval,
  mark: string,
  environment: Record<string, string>,
): Promise<boolean> {
  const { existing, provider } = removal;
  const zones = dnsProvider(provider).open!(environment);
  const judged = judgeRemoval(removal, await zones.records(existing.zone), mark);
  if (judged.verdict !== 'put-back') return false;
  for (const ours of judged.remove) await zones.remove(ours);
  await zones.putBack(existing);
  return true;
}

const why = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const notPutBack = ({ name, type, content }: ExistingRecord, error: unknown): Problem => ({
  where: `DNS ${name} ${type}`,
  what: `your record (${content}) was removed and could not be put back yet: ${why(error)}. It is kept in before.zone/.`,
  remedy: 'Run: haven plan',
});

const notRemoved = ({ key, existing }: AnsweredConflict, error: unknown): Problem => ({
  where: `DNS ${key}`,
  what: `your record (${existing.content}) could not be removed: ${why(error)}. Everything else was done.`,
  remedy: `Remove it at your DNS provider, or run: haven up --replace "${key}"`,
});
