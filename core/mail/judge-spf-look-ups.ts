import { unanswered } from './dns-answer.ts';
import type { MailCheck } from './mail-check.ts';
import { mostSpfLookUps, type SpfLookUps } from './spf-look-ups.ts';

/** The look-ups of the SPF text of a domain. */
export function judgeSpfLookUps(domain: string, { count, fault, unknown }: SpfLookUps): MailCheck {
  const what = `SPF ${domain}: look-ups`;
  if (fault !== undefined)
    return {
      what,
      result: 'bad',
      evidence: fault,
      remedy:
        'Receivers then count the whole record as broken. Remove a sender that you no longer use: from "spf" of the relay in haven.yaml, or from "spf" in haven.lock. Then run: haven up',
    };
  if (unknown) return { what, ...unanswered[unknown] };
  return { what, result: 'good', evidence: `${count} of at most ${mostSpfLookUps}` };
}
