import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheDir } from '../../system/cache-dir.ts';
import type { BuildTask, Lane } from './task.ts';

/** How many seconds something took the last time, by name. */
export type Durations = Record<string, number>;

export const durationsFile = join(cacheDir, 'durations.json');

export const loadDurations = (file = durationsFile): Durations =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Durations) : {};

/** Keeps a duration. A process that ends meanwhile leaves the old file or the new one, never half of it. */
export function saveDuration(name: string, seconds: number, file = durationsFile): void {
  mkdirSync(dirname(file), { recursive: true });
  const text = JSON.stringify({ ...loadDurations(file), [name]: Math.round(seconds) }, null, 2);
  writeFileSync(`${file}.${process.pid}`, `${text}\n`);
  renameSync(`${file}.${process.pid}`, file);
}

/** A task that is not made yet; `elapsed` seconds ago it was started. */
export interface OpenTask {
  task: BuildTask;
  elapsed?: number;
}

/**
 * Seconds until all open tasks are made: the longer lane, then what waits for both. A task that takes longer than
 * expected counts as almost done, so the estimate never grows.
 */
export function secondsLeft(open: OpenTask[], durations: Durations): number {
  const names = open.map(({ task }) => task.name);
  const isLast = ({ task }: OpenTask) =>
    names.every((name) => name === task.name || task.after.includes(name));
  const left = ({ task, elapsed = 0 }: OpenTask) =>
    Math.max(0, (durations[task.name] ?? task.seconds) - elapsed);
  const sum = (tasks: OpenTask[]) => tasks.reduce((total, each) => total + left(each), 0);
  const last = open.filter(isLast);
  const rest = open.filter((each) => !isLast(each));
  const inLane = (lane: Lane) => sum(rest.filter(({ task }) => task.lane === lane));
  return Math.max(inLane('cpu'), inLane('network')) + sum(last);
}
