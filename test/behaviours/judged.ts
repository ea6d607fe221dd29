import { appendFileSync } from 'node:fs';
import type { MailBehaviour } from './mail-behaviours.ts';

/** What a program that others wrote said about a behaviour of mail. */
export interface Judgement {
  behaviour: MailBehaviour;
  /** The program, with its version: `swaks 20240103.0`. */
  judge: string;
  /** Its own output, as it printed it. The page shows the beginning. */
  said: string;
}

/**
 * Notes what a judge said for docs/mail/behaviours.md; a test calls it after its assertions, so that it means "passed". Writes
 * a line to the file that HAVEN_JUDGED names (`npm run behaviours` does), and nothing without it.
 */
export function judged(judgement: Judgement): void {
  const file = process.env.HAVEN_JUDGED;
  if (file) appendFileSync(file, `${JSON.stringify(judgement)}\n`);
}
