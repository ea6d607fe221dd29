import type { Judgement } from './judged.ts';
import { mailBehaviours } from './mail-behaviours.ts';

/** How much of a judge's output is shown, in characters. */
const shown = 160;

/** By number, `4a` between `3` and `5a`: an object has its whole numbers first. */
const inOrder = Object.entries(mailBehaviours).toSorted(([a], [b]) =>
  a.localeCompare(b, 'en', { numeric: true }),
);

/** The page of behaviours, from what judges said on one day. A behaviour about which none said anything is "not shown". */
export function renderBehaviours(judgements: Judgement[], { date }: { date: string }): string {
  const rows = inOrder.map(([number, words]) => {
    const about = judgements.filter(({ behaviour }) => behaviour === number);
    const judges = [...new Set(about.map(({ judge }) => judge))];
    // The first of each judge: the others say the same of another address or port.
    const said = judges.map((judge) => excerpt(about.find((each) => each.judge === judge)?.said ?? ''));
    const result = about.length > 0 ? 'passed' : '**not shown**';
    return [number, words, judges.join('<br>'), said.join('<br>'), result];
  });
  const passed = rows.filter((row) => row[4] === 'passed').length;
  return `# What mail does, as other programs see it
Written by \`npm run behaviours\` from what the judges printed on ${date}: programs that others wrote, on a computer elsewhere on the sandbox's internet. ${passed} of ${rows.length} are shown; "not shown" means that no judge said anything about it that day, because it is not built yet or only a whole cloud can show it. Numbers are those of the tests that call \`judged\`.

| | behaviour | judge | what it said | |
|---|---|---|---|---|
${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}
`;
}

/** One line that a table can hold. */
function excerpt(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  const cut = line.length > shown ? `${line.slice(0, shown)} …` : line;
  return cut === '' ? '' : `\`${cut.replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}
