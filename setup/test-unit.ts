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
  ]
    .flatMap((folder) => globSync(`${folder}/**/*.test.ts`))
    .sort();

if (import.meta.main) {
  const result = spawnSync(
    process.execPath,
    ['--test', '--test-reporter=spec', ...process.argv.slice(2), ...unitTests()],
    { stdio: 'inherit' },
  );
  process.exit(result.status ?? 1);
}
