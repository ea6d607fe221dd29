import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LockClaim, StateBase } from '../../core/operations/deploy-lock.ts';
import type { UnsentState } from '../../core/operations/state-history.ts';
import { writeDurably } from '../store/bundle-store.ts';
import { syncFolder } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';
import { describeStale, newestState } from './state-copies.ts';

/**
 * A run that begins to change the cloud is noted here, on the volume, until it stores its state. If it is interrupted,
 * only its own state knows what it made. Nobody else may go on from an older one, or that would be forgotten.
 */
export function noteUnsent(layout: Layout, { holder, state }: LockClaim): void {
  if (state === null) return;
  assertMayChange(layout, state);
  const noted = readUnsent(layout);
  if (noted?.basedOn === state.basedOn && noted.holder === holder) return;
  writeDurably(fileOf(layout), JSON.stringify({ ...state, holder } satisfies UnsentState), 0o600);
}

export const readUnsent = (layout: Layout): UnsentState | null =>
  existsSync(fileOf(layout)) ? (JSON.parse(readFileSync(fileOf(layout), 'utf8')) as UnsentState) : null;

export function forgetUnsent(layout: Layout): void {
  if (!existsSync(fileOf(layout))) return;
  rmSync(fileOf(layout));
  syncFolder(layout.states);
}

/** Throws unless a state from this place, based on this copy, is the one that continues the history. */
export function assertMayChange(layout: Layout, { place, basedOn }: StateBase): void {
  const unsent = readUnsent(layout);
  if (unsent !== null && unsent.place !== place) throw new Error(describeUnsent(unsent.holder));
  const newest = newestState(layout);
  if (newest !== basedOn) throw new Error(describeStale(newest, basedOn));
}

export const describeUnsent = (holder: string): string =>
  `A run of haven by ${holder} began to change this cloud and was interrupted before its state was stored on the server. Only the folder that it ran in knows what it made. Run there: haven up   If that folder is lost, run: haven state use server`;

const fileOf = (layout: Layout): string => join(layout.states, 'unsent.json');
