import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { contractProblems, ruleIds } from './contract.ts';
import { type Draft, entryOf, goodService, worldOf } from './good-service.ts';

/**
 * Each folder in mistakes/ is named after a rule and breaks it: `mistake.ts` changes a good service, and `sentence.txt` is
 * all that the contract may say about it, with a line for each time. So every rule has been seen failing, and its message
 * has been reviewed.
 */
const mistakes = new URL('./mistakes/', import.meta.url);
const folders = readdirSync(mistakes).sort();

test('the service into which mistakes are planted has none', () => {
  const draft = goodService();
  assert.deepEqual(contractProblems(entryOf(draft), worldOf(draft)), []);
});

test('every rule has a mistake that it finds, and every mistake has a rule', () => {
  const missing = ruleIds.filter((id) => !folders.includes(id));
  assert.deepEqual(missing, [], 'add a folder with mistake.ts and sentence.txt to test/contract/mistakes');
  assert.deepEqual(
    folders.filter((folder) => !ruleIds.includes(folder)),
    [],
    'no rule has this name',
  );
  assert.equal(new Set(ruleIds).size, ruleIds.length, 'two rules have the same id');
});

for (const folder of folders) {
  test(`the contract finds the mistake ${folder}`, async () => {
    const { default: plant } = (await import(new URL(`./${folder}/mistake.ts`, mistakes).href)) as {
      default: (draft: Draft) => void;
    };
    const draft = goodService();
    plant(draft);
    const sentenceFile = new URL(`./${folder}/sentence.txt`, mistakes);
    assert.ok(existsSync(sentenceFile), `mistakes/${folder}/sentence.txt is missing`);
    const said = contractProblems(entryOf(draft), worldOf(draft)).map(
      ({ rule, sentence }) => `${rule}: ${sentence}`,
    );
    const sentences = readFileSync(sentenceFile, 'utf8').trim().split('\n');
    assert.deepEqual(
      said,
      sentences.map((sentence) => `${folder}: ${sentence}`),
    );
  });
}
