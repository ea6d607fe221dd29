import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { makeFolder } from './make-folder.ts';

/** Answers of `haven init` by flag, kept until haven.yaml is written, so that Ctrl-C loses none. Never a token. */
export type Draft = z.infer<typeof draftSchema>;

const draftSchema = z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())]));

const fileIn = (directory: string): string => join(directory, '.haven', 'init-answers.json');

export function loadDraft(directory: string): Draft {
  const file = fileIn(directory);
  return existsSync(file) ? draftSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};
}

export function saveDraft(directory: string, draft: Draft): void {
  makeFolder(join(directory, '.haven'));
  writeFileSync(fileIn(directory), `${JSON.stringify(draft, null, 2)}\n`, { mode: 0o600 });
}

export const removeDraft = (directory: string): void => rmSync(fileIn(directory), { force: true });
