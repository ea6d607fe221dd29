import { spawnSync } from 'node:child_process';
import { stopSandbox } from '../sandbox/sandbox.ts';

/**
 * `npm run test:crash`: what is too long for every test run. Every crash point of the agent, and `up` cut off after every
 * resource; a thousand users, and an hour of ordinary load. Prints its seed; HAVEN_SEED repeats it. Takes about two
 * hours on two cores.
 */
const seed = process.env.HAVEN_SEED ?? String(Date.now() % 100_000);
const files = [
  'test/layers/transaction.test.ts',
  'test/layers/gitea-transaction.test.ts',
  'test/crash/users-load.test.ts',
  'test/crash/everyday.test.ts',
  'test/e2e/interrupt.test.ts',
  'test/e2e/cloud.test.ts',
].filter((file) => process.argv.length < 3 || process.argv.slice(2).some((each) => file.includes(each)));
console.log(`seed ${seed} (HAVEN_SEED=${seed} npm run test:crash repeats it)`);
await stopSandbox();
const done = spawnSync(
  process.execPath,
  ['--test', '--test-concurrency=1', '--test-reporter=spec', ...files],
  {
    stdio: 'inherit',
    env: { ...process.env, HAVEN_CRASH_TESTS: 'all', HAVEN_SEED: seed },
  },
);
await stopSandbox();
process.exit(done.status ?? 1);
