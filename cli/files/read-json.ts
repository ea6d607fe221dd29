import { existsSync } from 'node:fs';
import type { z } from 'zod';
import { ProblemsError } from '../../core/problem.ts';
import { readText } from '../../system/whole-file.ts';

/**
 * What haven wrote into a file in JSON; undefined where there is none. A file that does not have it is damaged, such as by a
 * full disk: `remedy` says what the owner does then.
 */
export function readJson<T>(file: string, schema: z.ZodType<T>, remedy: string): T | undefined {
  if (!existsSync(file)) return undefined;
  const parsed = schema.safeParse(parseJson(readText(file)));
  if (parsed.success) return parsed.data;
  throw new ProblemsError([{ where: file, what: 'is damaged. Nothing was changed.', remedy }]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Nothing that a schema accepts.
    return undefined;
  }
}

/** For a note without which haven only knows less. */
export const deleteIt = 'Delete it, then run the command again.';
