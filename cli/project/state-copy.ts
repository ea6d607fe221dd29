import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { AgentRefusal } from '../../components/provider/agent-link.ts';
import type { StateBase } from '../../core/operations/deploy-lock.ts';
import {
  hasHash,
  judgeState,
  type LocalState,
  type ServerStates,
  type StateVerdict,
} from '../../core/operations/state-history.ts';
import { ProblemsError } from '../../core/problem.ts';
import { isContainedIn, stateDigest } from '../../stacks/state-content.ts';
import { isFolder } from '../../stacks/state-file.ts';
import { writeWhole } from '../../system/whole-file.ts';
import { readJson } from '../files/read-json.ts';
import { keepState } from './keep-state.ts';

/** What this owner's folder remembers of its state. */
const noteSchema = z.object({
  /** Names the place where the state is kept, to the server. */
  place: z.string(),
  /** The copy that was last sent or taken, and the state that it was of. */
  copy: z.string().nullable(),
  digest: z.string().nullable(),
  /** When that was, for people to read. */
  at: z.string().nullable(),
  /** A copy that was sent, and of which no answer came yet. */
  sending: z.object({ hash: z.string(), digest: z.string().nullable() }).optional(),
});
type Note = z.infer<typeof noteSchema>;

/** Without the note this folder is a new place, whose state is compared with the server's newest copy. */
const compareAgain = 'Delete it. Then compare this state with the copy on the server: haven state show';

/** The agent's commands on copies (`agent/server/state-calls.ts`). */
export interface StateLink {
  call<T>(command: string[], input?: string): Promise<T>;
}

export interface StateHolder {
  exportState(): Promise<string>;
  importState(text: string): Promise<void>;
}

export interface StateOwner {
  stateFolder: string;
  secrets: { seal(text: string): Promise<Uint8Array>; unseal(sealed: Uint8Array): Promise<string> };
}

/**
 * The engine's state is in the owner's folder, and after each change an encrypted copy of it is stored on the server.
 * So the state survives the loss of a laptop, and two folders see each other's changes. Which of them continues the
 * history is decided by `core/operations/state-history.ts`.
 */
export class StateCopy {
  readonly #owner: StateOwner;
  readonly #engine: StateHolder;

  constructor(owner: StateOwner, engine: StateHolder) {
    this.#owner = owner;
    this.#engine = engine;
  }

  /** What the next change is based on if the server can't be asked. */
  get lastBase(): StateBase {
    const { place, copy } = this.#note();
    return { place, basedOn: copy };
  }

  /** When this folder last sent or took a copy. */
  get lastSeen(): string {
    return this.#note().at ?? 'ever';
  }

  /** Makes the state the server's newest, if it is older. Throws if it can't continue the server's history. */
  async follow(
    server: ServerStates,
    agent: StateLink,
    log: (text: string) => void,
  ): Promise<{ base: StateBase; isUnsent: boolean }> {
    const verdict = await this.compare(server, agent);
    if (verdict.kind === 'elsewhere' || verdict.kind === 'diverged') throw refusal(verdict);
    if (verdict.kind === 'older') await this.take(verdict.newest, agent, log);
    const local = await this.#local();
    const basedOn = server.newest;
    const isUnsent = local.isUnsent || (basedOn === null && !local.isEmpty) || server.unsent !== null;
    return { base: { place: local.place, basedOn }, isUnsent };
  }

  async compare(server: ServerStates, agent: StateLink): Promise<StateVerdict> {
    this.#settleSent(server.newest);
    const verdict = judgeState(await this.#local(), server);
    if (verdict.kind !== 'diverged') return verdict;
    const newest = await this.open(verdict.newest, agent);
    return isContainedIn(await this.#engine.exportState(), newest)
      ? { kind: 'older', newest: verdict.newest }
      : verdict;
  }

  /** Stores a copy on the server. If it is refused, a copy is kept here. */
  async send(agent: StateLink, run: string, base: StateBase): Promise<void> {
    const text = await this.#engine.exportState();
    const digest = stateDigest(text);
    const sealed = Buffer.from(await this.#owner.secrets.seal(text)).toString('base64');
    const hash = createHash('sha256').update(sealed).digest('hex');
    this.#write({ ...this.#note(), sending: { hash, digest } });
    try {
      const { id } = await agent.call<{ id: string }>(['state-put', run, JSON.stringify(base)], sealed);
      this.#remember(id, digest);
    } catch (error) {
      if (!(error instanceof AgentRefusal)) throw error;
      const what = `the copy was refused, and was kept in ${this.#keepBeside(text)}. ${error.message}`;
      throw new ProblemsError([{ where: 'state', what, remedy: '' }]);
    }
  }

  /** Takes the server's copy in. The state that it replaces is kept beside. */
  async take(id: string, agent: StateLink, log: (text: string) => void): Promise<void> {
    const text = await this.open(id, agent);
    const before = await this.#engine.exportState();
    if (stateDigest(before) !== null) log(`  Your earlier state was kept in ${this.#keepBeside(before)}`);
    await this.#engine.importState(text);
    this.#remember(id, stateDigest(await this.#engine.exportState()));
    log(`  The state of this cloud was taken from its server (copy ${id}): it was changed from elsewhere.`);
  }

  /** Makes this state the server's newest copy, whatever the newest is now. That one is kept beside. */
  async overrule(
    { newest }: ServerStates,
    agent: StateLink,
    run: string,
    log: (text: string) => void,
  ): Promise<void> {
    if (newest !== null)
      log(`  The server's copy ${newest} was kept in ${this.#keepBeside(await this.open(newest, agent))}`);
    await agent.call(['state-forget-unsent', run]);
    await this.send(agent, run, { place: this.#note().place, basedOn: newest });
  }

  /** A copy on the server, in text. */
  async open(id: string, agent: StateLink): Promise<string> {
    const { sealed } = await agent.call<{ sealed: string }>(['state-get', id]);
    return this.#owner.secrets.unseal(Buffer.from(sealed, 'base64'));
  }

  /** Is there something in this state that no copy contains? */
  async isUnsent(): Promise<boolean> {
    return (await this.#local()).isUnsent;
  }

  async #local(): Promise<LocalState> {
    const { place, copy, digest } = this.#note();
    const now = stateDigest(await this.#engine.exportState());
    return { place, copy, isShared: isShared(), isEmpty: now === null, isUnsent: now !== digest };
  }

  /** The answer to an earlier `send` may have been lost: then the server's newest copy shows that it arrived. */
  #settleSent(newest: string | null): void {
    const { sending } = this.#note();
    if (newest !== null && sending && hasHash(newest, sending.hash)) this.#remember(newest, sending.digest);
  }

  #keepBeside(text: string): string {
    return keepState(this.#owner.stateFolder, text);
  }

  #note(): Note {
    const found = readJson(this.#file, noteSchema, compareAgain);
    if (found) return found;
    const note = { place: placeHere(), copy: null, digest: null, at: null };
    this.#write(note);
    return note;
  }

  #remember(copy: string, digest: string | null): void {
    this.#write({ place: this.#note().place, copy, digest, at: new Date().toISOString() });
  }

  get #file(): string {
    return join(this.#owner.stateFolder, '..', 'state-copy.json');
  }

  #write(note: Note): void {
    writeWhole(this.#file, `${JSON.stringify(note)}\n`);
  }
}

/** A backend that HAVEN_STATE names is one place, from whichever machine it is used. */
const placeHere = (): string =>
  isShared()
    ? createHash('sha256').update(process.env.HAVEN_STATE!).digest('hex').slice(0, 8)
    : randomBytes(4).toString('hex');

const isShared = (): boolean => process.env.HAVEN_STATE !== undefined && !isFolder(process.env.HAVEN_STATE);

/** Why a state may not be used, and what to do. */
export function describeVerdict(verdict: StateVerdict & { kind: 'diverged' | 'elsewhere' }): {
  what: string;
  remedy: string;
} {
  if (verdict.kind === 'elsewhere')
    return {
      what: `a run of haven by ${verdict.holder} began to change this cloud and was interrupted before its state was stored on the server. Only the folder that it ran in knows what it made.`,
      remedy: 'In that folder, run: haven up   If that folder is lost, run: haven state use server',
    };
  return {
    what: `the state in this folder has changes that were never sent to the server, and since then this cloud was changed from elsewhere (copy ${verdict.newest}).`,
    remedy: 'To compare both, run: haven state show',
  };
}

function refusal(verdict: StateVerdict & { kind: 'diverged' | 'elsewhere' }): ProblemsError {
  const { what, remedy } = describeVerdict(verdict);
  return new ProblemsError([{ where: 'state', what: `${what} Nothing was changed.`, remedy }]);
}
