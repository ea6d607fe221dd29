import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cacheDir } from '../system/cache-dir.ts';

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

const testEnvironment = { NODE_COMPILE_CACHE: join(cacheDir, 'compiled'), ...process.env };

if (import.meta.main) {
  const names = process.argv.slice(2);
  process.exit(names.length > 0 ? runMatching(names) : runFiles(unitTests()));
}

/**
 * Runs each file in a process of its own. Most of its time is the loading of modules, so what Node compiled once is kept
 * for the next process, as `cli/bin.mjs` does, and every core is used: Node's default leaves one idle.
 */
function runFiles(files: string[]): number {
  const flags = ['--test', '--test-reporter=spec', `--test-concurrency=${availableParallelism()}`];
  const done = spawnSync(process.execPath, [...flags, ...files], { stdio: 'inherit', env: testEnvironment });
  return done.status ?? 1;
}

/** Runs files whose path contains one of the names, and of the other files the tests whose own name does. */
function runMatching(names: string[]): number {
  const byPath = unitTests().filter((file) => names.some((each) => file.includes(each)));
  const others = unitTests().filter((file) => !byPath.includes(file));
  const status = byPath.length > 0 ? runFiles(byPath) : 0;

  // Without isolation, because a file whose tests are all filtered out would otherwise count as a test that passed.
  const patterns = names.map((each) => `--test-name-pattern=/${escaped(each)}/i`);
  const flags = ['--test', '--test-isolation=none', '--test-reporter=spec', ...patterns];
  const byName = spawnSync(process.execPath, [...flags, ...others], {
    stdio: ['inherit', 'pipe', 'inherit'],
    env: testEnvironment,
    encoding: 'utf8',
  });
  const ran = Number(/^ℹ tests (\d+)$/m.exec(byName.stdout)?.[1] ?? 0);
  if (ran > 0 || byName.status !== 0) process.stdout.write(byName.stdout);
  if (ran === 0 && byPath.length === 0 && byName.status === 0) {
    console.error(`No unit test's file or name contains ${names.join(' or ')}.`);
    return 1;
  }
  return status || (byName.status ?? 1);
}

/** As part of a regular expression that matches just this text. */
function escaped(name: string): string {
  return name.replaceAll(/[/\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
