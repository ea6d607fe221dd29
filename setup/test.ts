import { stopSandbox } from '../sandbox/sandbox.ts';
import { tryRun } from '../system/run.ts';
import { layersRun, shortLayers } from './layers.ts';
import { prepareSandboxTests, type RunOptions, runTests } from './run-tests.ts';
import { unitRun, unitTests } from './test-unit.ts';

/**
 * `npm test`: unit, golden and contract tests first, then the layers on real machines that do not take long, then the life
 * of one whole cloud. Installs what they need, and leaves nothing running.
 */
const started = Date.now();
const lifeOfACloud = 'test/e2e/life-of-a-cloud.test.ts';
const only = process.argv.slice(2);
const choose = (files: string[]): string[] =>
  only.length > 0 ? files.filter((file) => only.some((each) => file.includes(each))) : files;
/** One after the other, each with as many files at once as it bears. */
const parts: { files: string[]; options: RunOptions }[] = [
  { files: choose(unitTests()), options: unitRun },
  { files: choose(shortLayers()), options: layersRun },
  { files: choose([lifeOfACloud]), options: { minutes: 30 } },
];
const chosen = parts.flatMap(({ files }) => files);
if (chosen.length === 0) {
  console.error(`No test file's path contains ${only.join(' or ')}.`);
  process.exit(1);
}
await prepareSandboxTests(chosen.includes(lifeOfACloud) ? ['ledger', 'miniflux', 'website'] : []);

console.log(
  `Set up after ${Math.round((Date.now() - started) / 1000)} s; running ${chosen.length} test files.`,
);
let status = 0;
let checks: Promise<(string | undefined)[]> | undefined;
for (const [index, { files, options }] of parts.entries()) {
  // The life of a cloud waits more than it computes, so what takes a core is done beside it.
  if (index === parts.length - 1)
    checks = Promise.all([
      check('types', 'tsc', ['--noEmit']),
      check('lint', 'biome', ['check', '--error-on-warnings', '.']),
    ]);
  if (files.length > 0) status = (await runTests(files, options)) || status;
}
const found = ((await checks) ?? []).filter((each) => each !== undefined);
await stopSandbox();
for (const each of found) console.error(each);
process.exit(found.length > 0 ? 1 : status);

/** What a checker found, in its own words; undefined when it found nothing. */
async function check(what: string, command: string, args: string[]): Promise<string | undefined> {
  const { code, stdout, stderr } = await tryRun(command, args, { timeoutMs: 30 * 60_000 });
  return code === 0
    ? undefined
    : `${what}: ${command} ${args.join(' ')} found something:\n${stdout}${stderr}`;
}
