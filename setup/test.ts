import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { stopSandbox } from '../sandbox/sandbox.ts';
import { tryRun } from '../system/run.ts';
import { ensureEngine } from './engine.ts';
import { browserNeeds, install, missing, sandboxNeeds, testNeeds } from './packages.ts';
import { unitTests } from './test-unit.ts';

/**
 * All tests, in one run of the test runner: unit, golden and contract first, then the layers on real machines, then
 * whole clouds. Installs what they need, and leaves nothing running.
 */
const started = Date.now();
const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;

const needed = await missing([...sandboxNeeds, ...browserNeeds, ...testNeeds]);
if (needed.length > 0) {
  console.log(`Installing ${needed.map((each) => each.package).join(', ')} ...`);
  await install(needed, () => undefined);
}

await ensureEngine((what) => console.log(what));

/** Types and lint are looked at while the first tests run. */
const checks = Promise.all([
  check('types', 'tsc', ['--noEmit']),
  check('lint', 'biome', ['check', '--error-on-warnings', '.']),
]);

const files = [
  ...unitTests(),
  ...globSync('test/layers/*.test.ts').sort(),
  ...globSync('test/e2e/*.test.ts').sort(),
];
const only = process.argv.slice(2);
const chosen = only.length > 0 ? files.filter((file) => only.some((each) => file.includes(each))) : files;
console.log(`Set up after ${seconds()}; running ${chosen.length} test files.`);
// One machine holds one sandbox: what another run left, or an owner's own, ends here.
await stopSandbox();
const tests = spawn(process.execPath, ['--test', '--test-concurrency=1', '--test-reporter=spec', ...chosen], {
  stdio: 'inherit',
});
const status = await new Promise<number>((resolve) => tests.on('close', (code) => resolve(code ?? 1)));
const found = (await checks).filter((each) => each !== undefined);
await stopSandbox();
for (const each of found) console.error(each);
process.exit(found.length > 0 ? 1 : status);

/** What a checker found, in its own words; undefined when it found nothing. */
async function check(what: string, command: string, args: string[]): Promise<string | undefined> {
  const { code, stdout, stderr } = await tryRun(command, args);
  return code === 0
    ? undefined
    : `${what}: ${command} ${args.join(' ')} found something:\n${stdout}${stderr}`;
}
