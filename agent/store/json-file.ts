import { existsSync, readFileSync } from 'node:fs';
import { writeDurably } from './bundle-store.ts';

/** What the agent remembers in a file; undefined before anything was written. */
export const readJson = <T>(file: string): T | undefined =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : undefined;

/** Replaces what is remembered, durably. Only root may read it. */
export const writeJson = (file: string, value: unknown): void =>
  writeDurably(file, `${JSON.stringify(value)}\n`, 0o600);
