import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { deleteIt, readJson } from '../files/read-json.ts';

/** When each thing on the server was last read back, by its name in a plan; what a plan says of a server that is silent. */
export type VerifiedTimes = Record<string, string>;

interface Kept {
  stateFolder: string;
}

export function loadVerifiedTimes(project: Kept): VerifiedTimes {
  return readJson(fileOf(project), z.record(z.string(), z.string()), deleteIt) ?? {};
}

/** Adds what was read back in this run. */
export function saveVerifiedTimes(project: Kept, seen: VerifiedTimes): void {
  if (Object.keys(seen).length === 0) return;
  const file = fileOf(project);
  writeFileSync(`${file}.new`, `${JSON.stringify({ ...loadVerifiedTimes(project), ...seen })}\n`);
  renameSync(`${file}.new`, file);
}

const fileOf = ({ stateFolder }: Kept): string => join(stateFolder, '..', 'verified-times.json');
