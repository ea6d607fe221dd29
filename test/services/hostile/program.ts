import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('./files/', import.meta.url);

/** The program of the hostile services, by file. */
export const hostileProgram: Record<string, string> = Object.fromEntries(
  readdirSync(folder)
    .sort()
    .map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]),
);
