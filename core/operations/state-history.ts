import type { StateBase } from './deploy-lock.ts';

/**
 * Two owners of one cloud each have its state in a folder, and the server stores a copy after each change. The server
 * numbers the copies, so all of them are one history. A folder may add to that history if its state is based on the
 * newest copy. Nothing here compares a time.
 */
export interface ServerStates {
  /** Name of the newest copy: its number, where it came from, and the start of its hash. */
  newest: string | null;
  /** A run that began to change the cloud and whose state was not stored. */
  unsent: UnsentState | null;
}

export interface UnsentState extends StateBase {
  holder: string;
}

/** What an owner's folder knows of its own state. */
export interface LocalState {
  place: string;
  /** Do several folders share it, in a backend of their own? */
  isShared: boolean;
  /** The copy that was last sent or taken. */
  copy: string | null;
  isEmpty: boolean;
  /** Does it have changes that no copy contains? */
  isUnsent: boolean;
}

export type StateVerdict =
  /** The state is based on the server's newest copy. */
  | { kind: 'current'; basedOn: string | null }
  /** The cloud was changed from elsewhere, and this state has nothing that is not in an earlier copy. */
  | { kind: 'older'; newest: string }
  /** The cloud was changed from elsewhere, and this state has changes of its own. */
  | { kind: 'diverged'; newest: string }
  /** Another place has changes that the server does not know yet. */
  | { kind: 'elsewhere'; holder: string };

export function judgeState(local: LocalState, { newest, unsent }: ServerStates): StateVerdict {
  if (unsent !== null && unsent.place !== local.place) return { kind: 'elsewhere', holder: unsent.holder };
  if (newest === null) return { kind: 'current', basedOn: null };
  const isOwn = local.isShared && !local.isEmpty && placeOf(newest) === local.place;
  if (newest === local.copy && !local.isEmpty) return { kind: 'current', basedOn: newest };
  if (isOwn) return { kind: 'current', basedOn: newest };
  return { kind: local.isEmpty || !local.isUnsent ? 'older' : 'diverged', newest };
}

/** `7-3fa9c1d2-0b5e77aa`: seventh copy, from this place, with this hash. */
export const copyName = (number: number, place: string, hash: string): string =>
  `${number}-${place}-${hash.slice(0, 8)}`;

const copyPattern = /^([1-9]\d*)-([0-9a-f]{8})-([0-9a-f]{8})$/;

export const isCopyName = (name: string): boolean => copyPattern.test(name);
export const numberOf = (name: string | null): number => (name === null ? 0 : Number(parse(name)[1]));
export const placeOf = (name: string): string => parse(name)[2]!;

/** Is this copy the text with that hash? */
export const hasHash = (name: string, hash: string): boolean => parse(name)[3] === hash.slice(0, 8);

function parse(name: string): RegExpExecArray {
  const found = copyPattern.exec(name);
  if (!found) throw new Error(`"${name}" is not the name of a copy of the state.`);
  return found;
}
