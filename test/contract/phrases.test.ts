import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../system/project-root.ts';
import { run } from '../../system/run.ts';
import { findPhrases } from '../support/phrases.ts';

/** Phrases that are right where they are. `found` is the phrase; every one of it in the file if left out. */
const allowed: { file: string; found?: string; why: string }[] = [
  { file: 'docs/text-guide.md', why: 'lists what not to write' },
  { file: 'test/contract/phrases.test.ts', why: 'plants what not to write' },
  { file: 'core/config/issue-text.ts', found: 'Invalid input', why: 'quotes the message that it replaces' },
  {
    file: 'core/config/issue-text.ts',
    found: 'expected object, received',
    why: 'quotes the message that it replaces',
  },
  { file: 'components/provider/agent-link.ts', found: 'steward', why: 'a program of servers of format 1' },
  { file: 'sandbox/older-format.ts', found: 'rehearsal', why: 'a label of sandboxes of format 1' },
  { file: 'sandbox/older-format.test.ts', found: 'rehearsal', why: 'a folder of sandboxes of format 1' },
  { file: 'sandbox/machine/capabilities.ts', found: 'LEASE', why: 'the name of a Linux capability' },
];

interface Finding {
  file: string;
  found: string;
  text: string;
}

async function findAll(): Promise<Finding[]> {
  const { stdout } = await run('git', ['ls-files', '*.ts', '*.md', '*.yaml', '*.sh'], { cwd: projectRoot });
  return stdout
    .trim()
    .split('\n')
    .flatMap((file) =>
      findPhrases(file, readFileSync(join(projectRoot, file), 'utf8')).map(({ line, found, say }) => ({
        file,
        found,
        text: `${file}:${line}: "${found}". Write ${say}`,
      })),
    );
}

const isAllowed = ({ file, found }: Finding): boolean =>
  allowed.some((each) => each.file === file && (each.found ?? found) === found);

const all = await findAll();
const faults = all.filter((each) => !isAllowed(each));

test('texts that a person reads have none of the phrases that the text guide rules out', () => {
  assert.deepEqual(
    faults.map(({ text }) => text),
    [],
  );
});

test('each exception is still in use', () => {
  const unused = allowed.filter(
    (each) => !all.some(({ file, found }) => each.file === file && (each.found ?? found) === found),
  );
  assert.deepEqual(unused, []);
});

const planted: { where: string; file: string; text: string; found: { line: number; found: string }[] }[] = [
  {
    where: 'a comment, across its line break',
    file: 'a.ts',
    text: '/**\n * It ends by\n * itself.\n */\nexport const a = 1;\n// Never\n// anew.\n',
    found: [
      { line: 2, found: 'by itself' },
      { line: 7, found: 'anew' },
    ],
  },
  {
    where: 'a string and a template',
    file: 'a.ts',
    text: "const a = 'Mend that line.';\nconst b = `is no ${a}, somebody`;\n",
    found: [
      { line: 1, found: 'Mend' },
      { line: 2, found: 'somebody' },
    ],
  },
  {
    where: 'a page',
    file: 'docs/a.md',
    text: '# A\nThe letter is good.\n',
    found: [{ line: 2, found: 'letter' }],
  },
  {
    where: 'the formal address in German',
    file: 'images/portal/src/texts.ts',
    text: "export const a = 'Bitte wählen Sie ein Passwort';\n",
    found: [{ line: 1, found: 'Sie' }],
  },
  {
    where: 'names, regular expressions, imports and words that only look alike',
    file: 'a.ts',
    text: "import { mend } from './mend.ts';\nmend(/is no name/, 'There is no user. Letters: lower-case letters and digits; release, amend');\n",
    found: [{ line: 2, found: 'Letters' }],
  },
];

for (const { where, file, text, found } of planted)
  test(`finds a phrase in ${where}`, () => {
    assert.deepEqual(
      findPhrases(file, text).map((each) => ({ line: each.line, found: each.found })),
      found,
    );
  });
