import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../files/read-json.ts';
import { makeFolder } from './make-folder.ts';

/** Answers of `haven init` by flag: as they are typed, in a file of answers, and in a draft. Never a token. */
export const answersSchema = z
  .strictObject({
    id: z.string(),
    domain: z.string(),
    dns: z.string(),
    'owner-name': z.string(),
    'owner-email': z.string(),
    'time-zone': z.string(),
    type: z.string(),
    location: z.string(),
    disk: z.int(),
    service: z.array(z.string()),
  })
  .partial();
type Answers = z.infer<typeof answersSchema>;

export type GivenAnswers = { [Flag in keyof Answers]: Answers[Flag] | undefined };

const fileIn = (directory: string): string => join(directory, '.haven', 'init-answers.json');

/** Answers that were kept until haven.yaml is written, so that Ctrl-C loses none. */
export function loadDraft(directory: string): GivenAnswers {
  const remedy = 'Delete it: your answers are asked for again. Then run: haven init';
  return readJson(fileIn(directory), answersSchema, remedy) ?? {};
}

export function saveDraft(directory: string, draft: GivenAnswers): void {
  makeFolder(join(directory, '.haven'));
  writeFileSync(fileIn(directory), `${JSON.stringify(draft, null, 2)}\n`, { mode: 0o600 });
}

export const removeDraft = (directory: string): void => rmSync(fileIn(directory), { force: true });
