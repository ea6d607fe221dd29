import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { stopRehearsal } from '../rehearsal/rehearsal.ts';
import { ensureEngine } from './engine.ts';
import { browserNeeds, install, missing, rehearsalNeeds, testNeeds } from './packages.ts';
import { unitTests } from './test-unit.ts';

/**
 * All tests, in one run of the test runner: unit, golden and contract first, then the layers on real machines, then
 * whole clouds. Installs what they need, and leaves nothing running.
 */
const started = Date.now();
const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;

const needed = await missing([...rehearsalNeeds, ...browserNeeds, ...testNeeds]);
if (needed.length > 0) {
  console.log(`Installing ${needed.map((each) => each.package).join(', ')} ...`);
  await install(needed, () => undefined);
}

await ensureEngine((what) => console.log(what));

let failed = false;
for (const [what, command, ...args] of [
  ['types', 'tsc', '--noEmit'],
  ['lint', 'biome', 'check', '--error-on-warnings', '.'],
] as [string, string, ...string[]][]) {
  const checked = spawnSync(command, args, { stdio: 'inherit' });
  if (checked.status !== 0) {
    console.error(`${what}: ${command} ${args.join(' ')} found something, see above`);
    failed = true;
  }
}

const files = [
  ...unitTests(),
  ...globSync('test/layers/*.test.ts').sort(),
  ...globSync('test/e2e/*.test.ts').sort(),
];
const only = process.argv.slice(2);
const chosen = only.length > 0 ? files.filter((file) => only.some((each) => file.includes(each))) : files;
console.log(`Set up after ${seconds()}; running ${chosen.length} test files.`);
// One machine holds one rehearsal: what another run left, or an owner's own, ends here.
await stopRehearsal();
const result = spawnSync(
  process.execPath,
  ['--test', '--test-concurrency=1', '--test-reporter=spec', ...chosen],
  { stdio: 'inherit' },
);
await stopRehearsal();
if (failed) console.error('Types or lint failed, see the top.');
process.exit(failed ? 1 : (result.status ?? 1));
