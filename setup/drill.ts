import { spawnSync } from 'node:child_process';
import { stopRehearsal } from '../rehearsal/rehearsal.ts';

/**
 * `npm run drill`: what is too long for every test run. Every crash point of the agent, and `up` cut off after every
 * resource; a thousand users, and an hour of ordinary load. Prints its seed; HAVEN_SEED repeats it. Takes about two
 * hours on two cores.
 */
const seed = process.env.HAVEN_SEED ?? String(Date.now() % 100_000);
const files = [
  'test/layers/transaction.test.ts',
  'test/layers/gitea-transaction.test.ts',
  'test/drill/users-load.test.ts',
  'test/drill/everyday.test.ts',
  'test/e2e/interrupt.test.ts',
  'test/e2e/cloud.test.ts',
].filter((file) => process.argv.length < 3 || process.argv.slice(2).some((each) => file.includes(each)));
console.log(`seed ${seed} (HAVEN_SEED=${seed} npm run drill repeats it)`);
await stopRehearsal();
const done = spawnSync(
  process.execPath,
  ['--test', '--test-concurrency=1', '--test-reporter=spec', ...files],
  {
    stdio: 'inherit',
    env: { ...process.env, HAVEN_DRILL: 'all', HAVEN_SEED: seed },
  },
);
await stopRehearsal();
process.exit(done.status ?? 1);
