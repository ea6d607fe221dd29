import { styleText } from 'node:util';
import type { MailCheck } from '../../core/mail/mail-check.ts';
import type { MailSection } from '../health/look-at-mail.ts';
import { mark } from './mark.ts';

/** The checks of mail, section by section. What is wrong has its remedy below it. */
export function renderMailChecks(sections: MailSection[]): string {
  const width = Math.max(...sections.flatMap(({ checks }) => checks.map(({ what }) => what.length)));
  const lines = sections.flatMap(({ about, checks }) => [
    '',
    `  ${about === 'sending' ? 'Sending' : about}`,
    ...checks.flatMap((each) => [
      `    ${markOf(each)} ${each.what.padEnd(width)}  ${each.evidence}`,
      ...(each.remedy === undefined ? [] : [`      ${each.remedy}`]),
    ]),
  ]);
  const all = sections.flatMap(({ checks }) => checks);
  const count = (result: MailCheck['result']) => all.filter((each) => each.result === result).length;
  const unknown = count('unknown') > 0 ? `, ${count('unknown')} could not be checked` : '';
  const wrong = count('bad') === 0 ? 'nothing is wrong' : `${count('bad')} wrong`;
  return [...lines, '', `  ${all.length} checks: ${wrong}${unknown}.`].join('\n');
}

const markOf = ({ result }: MailCheck): string =>
  result === 'unknown' ? styleText('yellow', '?') : mark(result === 'good');
