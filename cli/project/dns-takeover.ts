import type { DnsZones } from '../../components/dns-provider.ts';
import { dnsProvider } from '../../components/dns-providers.ts';
import type { AnsweredConflict } from '../../core/dns/conflicts.ts';
import type { ExistingRecord } from '../../core/dns/existing-record.ts';
import { recordKey, recordMark } from '../../core/dns/record.ts';
import { adoptionOf, judgeTakeover, removalOf } from '../../core/dns/takeover.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Problem } from '../../core/problem.ts';
import type { AdoptedResource } from '../../stacks/adopt.ts';
import type { TakenPlaces } from '../../stacks/records.ts';
import type { Session, SessionEngine } from './session.ts';
import { type JournaledTakeover, TakeoverJournal } from './takeover-journal.ts';

/** What a takeover has to know of a plan. */
type TakenOver = Pick<Plan, 'haven' | 'zones' | 'records'>;

/** What a takeover uses of a session. */
export interface TakeoverSession {
  environment: Session['environment'];
  engine: Pick<SessionEngine, 'forgetRecords'>;
}

/**
 * Carries out what an owner answered about their own records. Adopted ones become ours, and the engine changes them in
 * place. Of those to be replaced each is removed once, whatever it is in the way of, and right before the first record
 * that needs its place is made. `core/dns/takeover.ts` says when either is final and when it is undone.
 */
export class DnsTakeover {
  readonly #directory: string;
  readonly #plan: TakenOver;
  readonly #conflicts: AnsweredConflict[];
  readonly #session: TakeoverSession;
  readonly #removals = new Map<string, Promise<void>>();

  constructor(directory: string, plan: TakenOver, conflicts: AnsweredConflict[], session: TakeoverSession) {
    this.#directory = directory;
    this.#plan = plan;
    this.#conflicts = conflicts;
    this.#session = session;
  }

  /** Writes down which records are adopted. Returns what the engine's state must know of them; none is changed yet. */
  async adopt(): Promise<Map<string, AdoptedResource>> {
    const adopted = new Map<string, AdoptedResource>();
    for (const conflict of this.#conflicts) {
      if (conflict.answer !== 'adopt') continue;
      const { existing, as } = conflict;
      const { id, resource } = this.#provider(existing);
      const record = await this.#zones(existing).stateOf(existing);
      this.#journal.add({ ...adoptionOf(existing, as, this.#plan.records), provider: id });
      adopted.set(recordKey(as), { type: resource.type, version: resource.version, ...record });
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
   * Ends the takeover after the engine's run. After success it is final, and what was to be replaced is removed also
   * where nothing new had to be made in its place. After a failure what is not final is put back.
   */
  async end(succeeded: boolean): Promise<Settled> {
    if (!succeeded) return settleTakeovers(this.#directory, this.#plan.haven.id, this.#session);
    const removals = await Promise.allSettled(this.#replaced.map(({ existing }) => this.#remove(existing)));
    for (const { existing } of this.#conflicts) this.#journal.drop(existing.id);
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
    this.#journal.add({
      ...removalOf(existing, this.#plan.records),
      provider: this.#provider(existing).id,
    });
    await this.#zones(existing).remove(existing);
  }

  #provider({ zone }: ExistingRecord) {
    return dnsProvider(this.#plan.zones.find((each) => each.name === zone)!.dns);
  }

  #zones(existing: ExistingRecord): DnsZones {
    return this.#provider(existing).open!(this.#session.environment);
  }

  get #journal(): TakeoverJournal {
    return new TakeoverJournal(this.#directory);
  }
}

/** What became of takeovers: records that were put back, and what is still to be done. */
export interface Settled {
  putBack: ExistingRecord[];
  problems: Problem[];
}

/**
 * Settles the takeovers of a run that is over: those that are final are forgotten, every other is undone. What can't be
 * settled now stays in the journal for the next `haven plan`, `up` or `destroy`.
 */
export async function settleTakeovers(
  directory: string,
  havenId: string,
  session: TakeoverSession,
): Promise<Settled> {
  const journal = new TakeoverJournal(directory);
  const settled: Settled = { putBack: [], problems: [] };
  if (journal.isInUse) return settled;
  for (const takeover of journal.takeovers) {
    try {
      if (await settle(takeover, recordMark(havenId), session)) settled.putBack.push(takeover.existing);
      journal.drop(takeover.existing.id);
    } catch (error) {
      settled.problems.push(notPutBack(takeover, error));
    }
  }
  return settled;
}

/** Answers whether the record was put back. */
async function settle(
  takeover: JournaledTakeover,
  mark: string,
  { environment, engine }: TakeoverSession,
): Promise<boolean> {
  const { existing, provider } = takeover;
  const zones = dnsProvider(provider).open!(environment);
  const judged = judgeTakeover(takeover, await zones.records(existing.zone), mark);
  if (judged.verdict === 'finished') return false;
  // First, so that the engine never has a record that is the owner's again.
  if (takeover.how === 'adopted') await engine.forgetRecords([takeover.as]);
  if (judged.verdict === 'back') return false;
  for (const ours of judged.remove) await zones.remove(ours);
  await zones.putBack(existing);
  return true;
}

const why = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const notPutBack = ({ how, existing }: JournaledTakeover, error: unknown): Problem => ({
  where: `DNS ${existing.name} ${existing.type}`,
  what: `your record (${existing.content}) was ${how === 'removed' ? 'removed' : 'changed'} and could not be put back yet: ${why(error)}. It is kept in before.zone/.`,
  remedy: 'Run: haven plan',
});

const notRemoved = ({ key, existing }: AnsweredConflict, error: unknown): Problem => ({
  where: `DNS ${key}`,
  what: `your record (${existing.content}) could not be removed: ${why(error)}. Everything else was done.`,
  remedy: `Remove it at your DNS provider, or run: haven up --replace "${key}"`,
});
