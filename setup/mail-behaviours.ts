import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectRoot } from '../system/project-root.ts';
import type { Judgement } from '../test/behaviours/judged.ts';
import { renderBehaviours } from '../test/behaviours/render-behaviours.ts';
import { prepareSandboxTests, runTests } from './run-tests.ts';

/**
 * `npm run behaviours`: runs the tests in which other programs judge mail, and writes docs/mail/behaviours.md from what those
 * printed. Takes about an hour. `npm run behaviours mail` runs only those in test/mail/, which are too long for `npm test`. If a test fails,
 * the page stays as it was. With HAVEN_JUDGED, what is in that file counts, too: `HAVEN_JUDGED=/tmp/judged npm run test:e2e mail`
 * before adds what only a whole cloud shows.
 */
const places = {
  mail: 'test/mail/*.test.ts',
  layers: 'test/layers/mail*.test.ts',
  crash: 'test/crash/mail-*.test.ts',
};
const only = process.argv.slice(2);
const files = Object.entries(places)
  .filter(([name]) => only.length === 0 || only.includes(name))
  .flatMap(([, pattern]) => globSync(pattern).sort());
if (files.length === 0) {
  console.error(`There is no such part: ${only.join(', ')}. Parts: ${Object.keys(places).join(', ')}.`);
  process.exit(1);
}
const record = process.env.HAVEN_JUDGED ?? join(tmpdir(), `haven-judged-${process.pid}.jsonl`);
await prepareSandboxTests();
const status = await runTests(files, { minutes: 60, env: { HAVEN_JUDGED: record } });
if (status !== 0 || !existsSync(record)) {
  console.error(
    status === 0 ? 'No judge said anything.' : 'A test failed, so docs/mail/behaviours.md was not changed.',
  );
  process.exit(1);
}
const lines = readFileSync(record, 'utf8').split('\n').filter(Boolean);
rmSync(record);
const judgements = lines.map((line): Judgement => JSON.parse(line));
const page = join(projectRoot, 'docs/mail/behaviours.md');
mkdirSync(dirname(page), { recursive: true });
writeFileSync(page, renderBehaviours(judgements, { date: new Date().toISOString().slice(0, 10) }));
console.log(`written: ${page}`);
