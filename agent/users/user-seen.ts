import { join } from 'node:path';
import { readJson, writeJson } from '../store/json-file.ts';
import type { Layout } from '../store/layout.ts';

/** What was true when LDAP and the login last agreed. */
export interface Seen {
  /** Names of the disabled users, sorted. */
  off: string[];
  /** Until when the login's administrator events have been read (ISO 8601). */
  eventsUntil: string;
}

const fileOf = (layout: Layout): string => join(layout.users, 'mirror.json');

/** Undefined before the first look. */
export const readSeen = (layout: Layout): Seen | undefined => readJson(fileOf(layout));

export const writeSeen = (layout: Layout, seen: Seen): void =>
  writeJson(fileOf(layout), { ...seen, off: [...seen.off].sort() });

/**
 * Records a change that was made on both sides, so that it is not applied again. Without this, a change on one side
 * right afterwards would be missed.
 */
export function noteSwitched(layout: Layout, name: string, enabled: boolean): void {
  const seen = readSeen(layout);
  if (!seen || seen.off.includes(name) === !enabled) return;
  writeSeen(layout, {
    ...seen,
    off: enabled ? seen.off.filter((each) => each !== name) : [...seen.off, name],
  });
}
