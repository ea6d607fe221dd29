import type { MailCheck } from './mail-check.ts';

/** Checks that all failed for one reason outside of them are one: fifty lines that say the same hide what else is wrong. */
export function foldUnanswered(about: string, checks: MailCheck[]): MailCheck[] {
  const [first] = checks;
  const isOne = ({ result, evidence }: MailCheck) => result === 'unknown' && evidence === first?.evidence;
  if (!first || checks.length < 2 || !checks.every(isOne)) return checks;
  return [{ ...first, what: `all ${checks.length} checks of ${about}` }];
}
