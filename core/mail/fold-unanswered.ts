import { unanswered } from './dns-answer.ts';
import type { MailCheck } from './mail-check.ts';

/** More of them for one reason are one check. */
const most = 3;

/** Questions that the DNS did not answer, for one reason, are one check: fifty lines that say the same hide what else is wrong. */
export function foldUnanswered(about: string, checks: MailCheck[]): MailCheck[] {
  const folded = Object.values(unanswered).flatMap((reason) => {
    const count = checks.filter(isOf(reason)).length;
    return count > most ? [{ what: `${count} checks of ${about}`, ...reason }] : [];
  });
  return [...folded, ...checks.filter((each) => !folded.some((reason) => isOf(reason)(each)))];
}

const isOf =
  ({ evidence }: { evidence: string }) =>
  (check: MailCheck): boolean =>
    check.result === 'unknown' && check.evidence === evidence;
