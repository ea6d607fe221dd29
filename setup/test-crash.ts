import { globSync } from 'node:fs';
import { stopSandbox } from '../sandbox/sandbox.ts';
import { choose } from './choose.ts';
import { prepareSandboxTests, runTests } from './run-tests.ts';

/**
 * `npm run test:crash`: everything that kills programs and machines, and loads. Every crash point of the agent, `up`
 * cut off after every resource; a thousand users, an hour of ordinary load, and a whole cloud that builds its images. Prints its seed and figures;
 * HAVEN_SEED repeats a run. `npm run test:crash kills` runs the files whose name contains "kills".
 */
const seed = process.env.HAVEN_SEED ?? String(Date.now() % 100_000);
const files = choose(globSync('test/crash/*.test.ts').sort(), "crash test's path");
await prepareSandboxTests();
console.log(`seed ${seed} (HAVEN_SEED=${seed} npm run test:crash repeats it)`);
// The longest of them is an hour of ordinary load.
const status = await runTests(files, { minutes: 120, env: { HAVEN_SEED: seed } });
await stopSandbox();
process.exit(status);
