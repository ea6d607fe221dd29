import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDir } from '../system/cache-dir.ts';
import { type RunOptions, runTests } from './run-tests.ts';

/** Unit, golden and contract tests: no Docker, no engine, no root. */
export const unitTests = (): string[] =>
  [
    'core',
    'cli',
    'components',
    'stacks',
    'engine',
    'agent',
    'sandbox',
    'services',
    'test/portal',
    'setup',
    'system',
    'test/golden',
    'test/contract',
    'test/behaviours',
    'test/bench',
    'test/support',
  ]
    .flatMap((folder) => globSync(`${folder}/**/*.test.ts`))
    .sort();

/** They set the environment before modules are loaded, so each has a process of its own. */
const alone = ['cli/commands/sandbox/sandbox.test.ts'];

/** How they are run: each module is loaded once in a process, which is most of their time, and every core is used. */
export const unitRun: RunOptions = {
  atOnce: availableParallelism(),
  minutes: 5,
  shared: { except: alone },
  // What the sandbox of this machine does is not theirs to see.
  env: { HAVEN_SANDBOX_HOME: join(tmpdir(), 'haven-unit-tests-have-no-sandbox') },
};

if (import.meta.main) {
  const names = process.argv.slice(2);
  process.exit(names.length > 0 ? await runMatching(names) : await runTests(unitTests(), unitRun));
}

/** Runs files whose path contains one of the names, and of the other files the tests whose own name does. */
async function runMatching(names: string[]): Promise<number> {
  const byPath = unitTests().filter((file) => names.some((each) => file.includes(each)));
  const others = unitTests().filter((file) => !byPath.includes(file));
  const status = byPath.length > 0 ? await runTests(byPath, unitRun) : 0;

  // Without isolation, because a file whose tests are all filtered out would otherwise count as a test that passed.
  const patterns = names.map((each) => `--test-name-pattern=/${escaped(each)}/i`);
  const flags = ['--test', '--test-isolation=none', '--test-reporter=spec', ...patterns];
  const groups = [
    others.filter((file) => !alone.includes(file)),
    ...others.filter((file) => alone.includes(file)).map((file) => [file]),
  ];
  const runs = groups.map((group) => {
    const byName = spawnSync(process.execPath, [...flags, ...group], {
      stdio: ['inherit', 'pipe', 'inherit'],
      env: { NODE_COMPILE_CACHE: join(cacheDir, 'compiled'), ...process.env, ...unitRun.env },
      encoding: 'utf8',
    });
    const ran = Number(/^ℹ tests (\d+)$/m.exec(byName.stdout)?.[1] ?? 0);
    if (ran > 0 || byName.status !== 0) process.stdout.write(byName.stdout);
    return { ran, status: byName.status ?? 1 };
  });
  const failed = runs.find((each) => each.status !== 0)?.status ?? 0;
  if (failed === 0 && byPath.length === 0 && runs.every((each) => each.ran === 0)) {
    console.error(`No unit test's file or name contains ${names.join(' or ')}.`);
    return 1;
  }
  return status || failed;
}

/** As part of a regular expression that matches just this text. */
function escaped(name: string): string {
  return name.replaceAll(/[/\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
