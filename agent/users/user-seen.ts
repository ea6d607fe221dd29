import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';

/** What was true when LDAP and login were last looked at, and agreed. */
export interface Seen {
  /** Names of those who were switched off, sorted. */
  off: string[];
  /** Until when the login's record of what administrators did was read (ISO 8601). */
  eventsUntil: string;
}

const fileOf = (layout: Layout): string => join(layout.users, 'mirror.json');

/** Undefined before the first look. */
export function readSeen(layout: Layout): Seen | undefined {
  const file = fileOf(layout);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Seen) : undefined;
}

export function writeSeen(layout: Layout, seen: Seen): void {
  writeDurably(fileOf(layout), `${JSON.stringify({ ...seen, off: [...seen.off].sort() })}\n`, 0o600);
}

/** What was done at both sides at once is no change to carry over. Without it, a change at one side just after is missed. */
export function noteSwitched(layout: Layout, name: string, enabled: boolean): void {
  const seen = readSeen(layout);
  if (!seen || seen.off.includes(name) === !enabled) return;
  writeSeen(layout, {
    ...seen,
    off: enabled ? seen.off.filter((each) => each !== name) : [...seen.off, name],
  });
}
