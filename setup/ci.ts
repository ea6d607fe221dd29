import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../system/project-root.ts';
import {
  countTests,
  type FailureEntry,
  renderFailures,
  renderTimes,
  type TimesEntry,
} from './times-table.ts';

/** What continuous integration runs: `npm test`, `npm run test:long` and `npm run test:e2e`, then a table of where the time went, and what failed. */
const load = () =>
  loadavg()
    .map((each) => each.toFixed(1))
    .join(' ');
const folder = mkdtempSync(join(tmpdir(), 'haven-ci-'));
const began = Date.now();
const loadBefore = load();
const entries: TimesEntry[] = [];
const failures: FailureEntry[] = [];
const wrong: string[] = [];
for (const [command, script] of [
  ['npm test', 'test.ts'],
  ['npm run test:long', 'test-long.ts'],
  ['npm run test:e2e', 'test-e2e.ts'],
] as const) {
  console.log(`\n${command}`);
  const times = join(folder, script);
  mkdirSync(times);
  const done = spawnSync(process.execPath, [join(projectRoot, 'setup', script)], {
    cwd: projectRoot,
    stdio: 'inherit',
    env: { ...process.env, HAVEN_TEST_TIMES: times },
  });
  const told = readdirSync(times).flatMap((file) =>
    readFileSync(join(times, file), 'utf8').split('\n').filter(Boolean),
  );
  const parsed = told.map((line) => JSON.parse(line) as TimesEntry | FailureEntry);
  failures.push(...parsed.filter((each) => each.kind === 'failure'));
  const ofThis = parsed.filter((each) => each.kind !== 'failure');
  entries.push(...ofThis);
  // Types, lint, or a run that never came to its tests: its own words stand above.
  if (done.status !== 0 && countTests(ofThis).failed === 0)
    wrong.push(`${command} ended with ${done.status ?? done.signal}`);
}
rmSync(folder, { recursive: true });

const minutes = ((Date.now() - began) / 60_000).toFixed(1);
const head = `Seconds by file, ${minutes} min in all, on ${cpus().length} cores; load at the start ${loadBefore}, at the end ${load()} (1, 5, 15 min)`;
console.log(`\n${renderTimes(entries, head)}\n`);
if (failures.length > 0) console.log(`${renderFailures(failures)}\n`);
for (const each of wrong) console.log(`${each}, though no test failed; see above.`);
const { passed, failed } = countTests(entries);
console.log(`${passed} passed, ${failed + wrong.length} failed`);
process.exit(failed + wrong.length > 0 || passed === 0 ? 1 : 0);
