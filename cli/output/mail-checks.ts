import { styleText } from 'node:util';
import type { MailCheck, MailSection } from '../../core/mail/mail-check.ts';
import { mark } from './mark.ts';

/** The checks of mail, section by section. What is wrong has its remedy below it; what is good is counted, or in details. */
export function renderMailChecks(sections: MailSection[], { details = false } = {}): string {
  const all = sections.flatMap(({ checks }) => checks);
  const count = (result: MailCheck['result'], of = all) => of.filter((each) => each.result === result).length;
  const shown = details ? all : all.filter(({ result }) => result !== 'good');
  const width = Math.max(0, ...shown.map(({ what }) => what.length));
  const lines = sections.flatMap(({ about, checks }) => [
    '',
    `  ${titles[about] ?? about}`,
    ...(details || count('good', checks) === 0
      ? []
      : [`    ${mark(true)} ${inWords(count('good', checks))}`]),
    ...checks.flatMap((each) => [
      ...(shown.includes(each) ? [`    ${markOf(each)} ${each.what.padEnd(width)}  ${each.evidence}`] : []),
      ...(each.remedy === undefined ? [] : each.remedy.split('\n').map((line) => `      ${line}`)),
    ]),
  ]);
  const unknown = count('unknown') > 0 ? `, ${count('unknown')} could not be checked` : '';
  const wrong = count('bad') === 0 ? 'nothing is wrong' : `${count('bad')} wrong`;
  const more = details ? '' : ' To see what each answered, run: haven mail check --details';
  return [...lines, '', `  ${all.length} checks: ${wrong}${unknown}.${more}`].join('\n');
}

const inWords = (good: number): string =>
  good === 1 ? '1 check: as it should be' : `${good} checks: as they should be`;

const titles: Record<string, string> = { dnssec: 'DNSSEC', sending: 'Sending' };

const markOf = ({ result }: MailCheck): string =>
  result === 'unknown' ? styleText('yellow', '?') : mark(result === 'good');
