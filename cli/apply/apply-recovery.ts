import type { TakenPlaces } from '../../stacks/records.ts';
import { emptyState, stateDigest } from '../../stacks/state-content.ts';
import { adoptOwnRecords, type OwnRecordsLeft } from '../project/adopt-own-records.ts';
import { keepState } from '../project/keep-state.ts';
import type { Project } from '../project/project.ts';
import { RecoveryNote } from '../project/recovery-note.ts';
import type { Session } from '../project/session.ts';
import { isCloudLeft, stillAtHetzner, stillThereProblem } from '../project/still-at-hetzner.ts';

/**
 * What is different where a plan makes a lost cloud again (`.haven/recovering`): nothing of it may still exist, the server
 * is told to bring data back, and DNS records that the cloud once made are used again.
 */
export class ApplyRecovery {
  readonly #note: RecoveryNote;
  readonly #haven: string;
  readonly #records: OwnRecordsLeft;

  private constructor(note: RecoveryNote, haven: string, records: OwnRecordsLeft) {
    this.#note = note;
    this.#haven = haven;
    this.#records = records;
  }

  /**
   * Undefined where nothing is recovered, which is also so if an owner says by `haven up` that what still exists works.
   * Throws where something of the cloud is in the way.
   */
  static async begin(
    project: Project,
    session: Session,
    command: string,
  ): Promise<ApplyRecovery | undefined> {
    const { directory } = project;
    const note = new RecoveryNote(directory);
    const noted = note.read();
    if (!noted) return undefined;
    const isUnderWay = noted.phase === 'making';
    const found = await stillAtHetzner(session, isUnderWay);
    if (found.length > 0) {
      if (isUnderWay || command !== 'haven up' || !isCloudLeft(found))
        throw stillThereProblem(found, directory);
      note.remove();
      return undefined;
    }
    const { run } = session;
    run.noteRecovery();
    // A state from before the loss may be here. The new server has no copy of any, so it is based on none.
    if (run.lockedHost() === undefined)
      run.noteBase({ ...run.base, state: { ...run.base.state, basedOn: null } });
    if (!isUnderWay) await forgetLost(project, session.engine);
    return new ApplyRecovery(note, noted.haven, await adoptOwnRecords(session));
  }

  get places(): TakenPlaces {
    return this.#records.places;
  }

  /** From now on there is something of the cloud again, which an interrupted run leaves. */
  noteMaking(): void {
    this.#note.write({ haven: this.#haven, phase: 'making' });
  }

  /** Everything is there. Answers with lines about it. */
  async end(): Promise<string[]> {
    const removed = await this.#records.removeLeft();
    this.#note.remove();
    return [
      ...removed,
      'The cloud is recovered. Users log in as before. To see that everything works, run: haven status',
    ];
  }
}

/**
 * A state from before, of this directory or of the server that is lost, lists what does not exist any more: services that
 * can't be asked would count as unchanged, and never be created. DNS records are found again by their mark.
 */
async function forgetLost(
  { stateFolder }: Project,
  engine: Pick<Session['engine'], 'exportState' | 'importState'>,
): Promise<void> {
  const state = await engine.exportState();
  if (stateDigest(state) === null) return;
  keepState(stateFolder, state);
  await engine.importState(emptyState(state));
}
