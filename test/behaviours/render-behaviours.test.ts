import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../system/project-root.ts';
import type { Judgement } from './judged.ts';
import { mailBehaviours } from './mail-behaviours.ts';
import { renderBehaviours } from './render-behaviours.ts';

const date = '2026-01-01';
const rowOf = (page: string, number: string): string =>
  page.split('\n').find((line) => line.startsWith(`| ${number} |`)) ?? '';

test('a behaviour without a judge’s output is not shown, and one with it is passed, with judge and excerpt', () => {
  const page = renderBehaviours([{ behaviour: '1', judge: 'swaks 1.0', said: '554 5.7.1\nno | relay `' }], {
    date,
  });
  assert.match(rowOf(page, '1'), /\| swaks 1\.0 \| `554 5\.7\.1 no \\\| relay '` \| passed \|$/);
  for (const number of Object.keys(mailBehaviours).filter((each) => each !== '1'))
    assert.match(rowOf(page, number), /\*\*not shown\*\* \|$/, number);
  assert.match(page, new RegExp(`1 of ${Object.keys(mailBehaviours).length} are shown`));
});

test('rows are in the order of their numbers', () => {
  const rows = renderBehaviours([], { date })
    .split('\n')
    .filter((line) => /^\| \d/.test(line));
  const numbers = rows.map((row) => Number.parseInt(row.slice(2), 10));
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
});

test('of two judges each is named once, with the first that it said', () => {
  const of = (judge: string, said: string): Judgement => ({ behaviour: '2', judge, said });
  const page = renderBehaviours([of('a', 'one'), of('b', 'two'), of('a', 'three')], { date });
  assert.match(rowOf(page, '2'), /\| a<br>b \| `one`<br>`two` \| passed \|$/);
});

test('a long output is cut, and says so', () => {
  const page = renderBehaviours([{ behaviour: '2', judge: 'a', said: 'x'.repeat(1000) }], { date });
  assert.match(rowOf(page, '2'), /x …` \|/);
  assert.ok(rowOf(page, '2').length < 500);
});

test('the page has the behaviours of today, in their words', () => {
  const page = readFileSync(join(projectRoot, 'docs/mail/behaviours.md'), 'utf8');
  const rows = page.split('\n').filter((line) => /^\| \d/.test(line));
  assert.deepEqual(
    rows.map((row) => row.split(' | ')[1]).toSorted(),
    Object.values(mailBehaviours).toSorted(),
    'run: npm run behaviours',
  );
});
