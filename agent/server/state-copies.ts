import { existsSync, linkSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '../store/bundle-store.ts';
import { syncFolder } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';

/**
 * Copies of the engine's state, encrypted to the owner's key before they come here. Someone with only the server
 * can't read them; an owner who lost the laptop still has them. The server names a copy, by the second in which it
 * arrived and its number in that second: laptops' clocks decide nothing, and no copy takes another's name.
 */
const keep = 5;
const nameOf = /^\d{8}T\d{6}Z-[0-9a-f]{6}$/;

export function putState(layout: Layout, sealed: string, now = new Date()): { id: string } {
  const draft = join(layout.states, `draft-${process.pid}`);
  writeDurably(draft, sealed, 0o600);
  try {
    const id = linkNewest(layout, draft, now);
    for (const old of copies(layout).slice(0, -keep)) rmSync(fileOf(layout, old), { force: true });
    return { id };
  } finally {
    rmSync(draft);
    syncFolder(layout.states);
  }
}

export const newestState = (layout: Layout): { id: string | null } => ({
  id: copies(layout).at(-1) ?? null,
});

export function getState(layout: Layout, id: string): { id: string; sealed: string } {
  if (!copies(layout).includes(id)) throw new Error(`This server has no copy ${id} of the state.`);
  return { id, sealed: readFileSync(fileOf(layout, id), 'utf8') };
}

/** Makes a draft the newest copy. A link never replaces a file, so of two at the same time one takes the next name. */
function linkNewest(layout: Layout, draft: string, now: Date): string {
  for (;;) {
    const id = nameAfter(copies(layout).at(-1), now);
    try {
      linkSync(draft, fileOf(layout, id));
      return id;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** A name that sorts after the newest copy's, even if the clock was set back. */
function nameAfter(newest: string | undefined, now: Date): string {
  const second = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const [at = '', number = ''] = newest?.split('-') ?? [];
  if (at < second) return `${second}-000000`;
  return `${at}-${(Number.parseInt(number, 16) + 1).toString(16).padStart(6, '0')}`;
}

const fileOf = (layout: Layout, id: string): string => join(layout.states, `${id}.age`);

/** Oldest first. */
const copies = (layout: Layout): string[] =>
  existsSync(layout.states)
    ? readdirSync(layout.states)
        .map((name) => name.replace(/\.age$/, ''))
        .filter((name) => nameOf.test(name))
        .sort()
    : [];
