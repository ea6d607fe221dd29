import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';

/**
 * Copies of the engine's state, encrypted to the owner's key before they come here. Someone with only the server
 * can't read them; an owner who lost the laptop still has them. A copy is named by the time it was made.
 */
const keep = 5;
const nameOf = /^\d{8}T\d{6}Z-[0-9a-f]{6}$/;

export function putState(layout: Layout, id: string, sealed: string): { kept: string } {
  if (!nameOf.test(id)) throw new Error(`"${id}" is not a valid name for a copy of the state.`);
  writeDurably(fileOf(layout, id), sealed, 0o600);
  for (const old of copies(layout).slice(0, -keep)) rmSync(fileOf(layout, old));
  return { kept: id };
}

export const newestState = (layout: Layout): { id: string | null } => ({
  id: copies(layout).at(-1) ?? null,
});

export function getState(layout: Layout, id: string): { id: string; sealed: string } {
  if (!copies(layout).includes(id)) throw new Error(`This server has no copy ${id} of the state.`);
  return { id, sealed: readFileSync(fileOf(layout, id), 'utf8') };
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
