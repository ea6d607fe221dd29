import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';

/** Unit, golden and contract tests: no Docker, no engine, no root. */
export const unitTests = (): string[] =>
  [
    'core',
    'cli',
    'components',
    'stacks',
    'agent',
    'sandbox',
    'services',
    'test/portal',
    'setup',
    'system',
    'test/golden',
    'test/contract',
    'test/support',
  ]
    .flatMap((folder) => globSync(`${folder}/**/*.test.ts`))
    .sort();

if (import.meta.main) {
  const names = process.argv.slice(2);
  process.exit(names.length > 0 ? runMatching(names) : runFiles(unitTests()));
}

function runFiles(files: string[]): number {
  const done = spawnSync(process.execPath, ['--test', '--test-reporter=spec', ...files], {
    stdio: 'inherit',
  });
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
