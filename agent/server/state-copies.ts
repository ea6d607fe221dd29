import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StateBase } from '../../core/operations/deploy-lock.ts';
import { copyName, isCopyName, numberOf } from '../../core/operations/state-history.ts';
import { writeDurably } from '../store/bundle-store.ts';
import { syncFolder } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';

/**
 * Copies of the engine's state, encrypted to the owner's key before they come here. Someone with only the server
 * can't read them; an owner who lost the laptop still has them. The server numbers them, and stores one only if it is
 * based on the newest: so two owners never overwrite each other's. Callers hold the lock of `deploy-lock.ts`.
 */
const keep = 5;

export function putState(layout: Layout, sealed: string, { place, basedOn }: StateBase): { id: string } {
  const newest = newestState(layout);
  const hash = createHash('sha256').update(sealed).digest('hex');
  if (newest !== basedOn) throw new Error(describeStale(newest, basedOn));
  const id = copyName(numberOf(newest) + 1, place, hash);
  mkdirSync(layout.states, { recursive: true });
  writeDurably(fileOf(layout, id), sealed, 0o600);
  for (const old of copies(layout).slice(0, -keep)) rmSync(fileOf(layout, old), { force: true });
  syncFolder(layout.states);
  return { id };
}

export const newestState = (layout: Layout): string | null => copies(layout).at(-1) ?? null;

export function getState(layout: Layout, id: string): { id: string; sealed: string } {
  if (!copies(layout).includes(id)) throw new Error(`This server has no copy ${id} of the state.`);
  return { id, sealed: readFileSync(fileOf(layout, id), 'utf8') };
}

export const describeStale = (newest: string | null, basedOn: string | null): string =>
  `This cloud was changed from elsewhere: the newest copy of its state is ${newest ?? 'none'}, and this run is based on ${basedOn ?? 'none'}. Your state is left as it is. To compare both, run: haven state show`;

const fileOf = (layout: Layout, id: string): string => join(layout.states, `${id}.age`);

/** Oldest first. */
const copies = (layout: Layout): string[] =>
  existsSync(layout.states)
    ? readdirSync(layout.states)
        .map((name) => name.replace(/\.age$/, ''))
        .filter(isCopyName)
        .sort((a, b) => numberOf(a) - numberOf(b))
    : [];
