import { globSync } from 'node:fs';
import { stopSandbox } from '../sandbox/sandbox.ts';
import { prepareSandboxTests, runTests } from './run-tests.ts';

/**
 * `npm run test:crash`: everything that kills programs and machines, and loads. Every crash point of the agent, `up`
 * cut off after every resource; a thousand users, an hour of ordinary load, and a whole cloud that builds its images. Prints its seed and figures;
 * HAVEN_SEED repeats a run. `npm run test:crash kills` runs the files whose name contains "kills".
 */
const seed = process.env.HAVEN_SEED ?? String(Date.now() % 100_000);
const only = process.argv.slice(2);
const files = globSync('test/crash/*.test.ts')
  .sort()
  .filter((file) => only.length === 0 || only.some((each) => file.includes(each)));
if (files.length === 0) {
  console.error(`No crash test's path contains ${only.join(' or ')}.`);
  process.exit(1);
}
await prepareSandboxTests();
console.log(`seed ${seed} (HAVEN_SEED=${seed} npm run test:crash repeats it)`);
// The longest of them is an hour of ordinary load.
const status = await runTests(files, { minutes: 120, env: { HAVEN_SEED: seed } });
await stopSandbox();
process.exit(status);
