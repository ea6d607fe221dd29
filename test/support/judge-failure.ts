import type { z } from 'zod';
import { exitCodes } from '../../cli/output/exit-codes.ts';
import type { failureSchema } from '../../cli/output/failure.ts';
import type { Screen } from './typist.ts';

/** The longest that an owner waits until they know what is wrong. */
export const mostSeconds = 30;

/** What no owner has to read, and why not. */
const neverShown: [pattern: RegExp, why: string][] = [
  [/https?:\/\/(?:127\.0\.0\.1|\[?::1|localhost|(?:api|acme)[-.])\S*/, 'the address of an API'],
  [/\/v1\/|client\/v4|dns_records|label_selector|\?per_page/, 'a path of an API'],
  [/\burn:/i, 'a URN'],
  [/\bNaN\b/, 'NaN'],
  [/\bundefined\b|\bnull\b|\[object /, 'a value of the program'],
  [/Invalid input|expected \w+, received/i, "a library's own English"],
  [/file:\/\/\/|^\s+at .+:\d+:\d+/m, 'a stack trace'],
  [/\b[A-Z]\w*Error\b:?|\bError:/, 'the name of a class of errors'],
  [
    /\bE(?:NOENT|ISDIR|NOTDIR|EXIST|ACCES|NOSPC|IO|LOOP|CONNREFUSED|CONNRESET|NOTFOUND|AI_AGAIN)\b/,
    'a code of the operating system',
  ],
  [/AGE-SECRET-KEY-|PRIVATE KEY/, 'a secret'],
  [/This is a bug in haven/, 'a bug'],
  [/\bin JSON\b|is not valid JSON|end of JSON/i, "the JSON parser's own English"],
];

export interface JudgedFailure {
  screen: Screen;
  seconds: number;
  /** Values that nobody may read. */
  secrets: string[];
  /** What the command prints with `--json`; left out where it does not fail, or can't be typed twice. */
  json?: z.infer<typeof failureSchema>;
  code: keyof typeof exitCodes;
  /** How many causes there are; by default one. */
  causes?: number;
}

/** Everything that is wrong with how a command failed; empty if it failed as the house wants it. */
export function judgeFailure({ screen, seconds, secrets, json, code, causes = 1 }: JudgedFailure): string[] {
  const faults: string[] = [];
  const shown = screen.stdout + screen.stderr;
  if (seconds > mostSeconds) faults.push(`took ${seconds.toFixed(0)} s, and may take ${mostSeconds}`);
  if (screen.code !== exitCodes[code])
    faults.push(`ended with ${screen.code}, not ${exitCodes[code]} (${code})`);
  for (const [pattern, why] of neverShown) {
    const found = pattern.exec(shown);
    if (found) faults.push(`shows ${why}: ${found[0].trim()}`);
  }
  for (const secret of secrets) if (shown.includes(secret)) faults.push('shows a secret');
  if (!json) return faults;
  const { problems } = json.error;
  if (problems.length !== causes)
    faults.push(`names ${problems.length} problems, and there is a cause for ${causes}`);
  for (const { where, what, remedy } of problems) {
    if (where === '') faults.push(`does not say where: ${what}`);
    if (!/[.!?]\)?$/.test(what)) faults.push(`is not a sentence: ${what}`);
    if (
      !/\b(Run|run|Wait|Check|Create|Set|Move|Put|Fix|Free|Choose|Restore|Delete|Install|Add|Change|Remove|Replace|Add|Did you mean|Request|Rename|Follow|Is this|Update)\b/.test(
        `${what} ${remedy}`,
      )
    )
      faults.push(`does not say what to do: ${what} ${remedy}`);
  }
  return faults;
}
