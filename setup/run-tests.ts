import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { stopSandbox } from '../sandbox/sandbox.ts';
import { projectRoot } from '../system/project-root.ts';
import { ensureEngine } from './engine.ts';
import { browserNeeds, install, missing, sandboxNeeds, testNeeds } from './packages.ts';

/** Installs what tests in a sandbox need, and stops what another run left: one machine holds one sandbox. */
export async function prepareSandboxTests(): Promise<void> {
  const needed = await missing([...sandboxNeeds, ...browserNeeds, ...testNeeds]);
  if (needed.length > 0) {
    console.log(`Installing ${needed.map((each) => each.package).join(', ')} ...`);
    await install(needed, () => undefined);
  }
  await ensureEngine((what) => console.log(what));
  await stopSandbox();
}

/**
 * Runs test files one after the other with node's own runner; answers with its exit code. Where HAVEN_TEST_TIMES names
 * a file, it gets the seconds of each file (see times-reporter.ts).
 */
export async function runTests(files: string[], env: Record<string, string> = {}): Promise<number> {
  const times = process.env.HAVEN_TEST_TIMES;
  const reporters = [
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...(times
      ? [
          `--test-reporter=${join(projectRoot, 'setup/times-reporter.ts')}`,
          `--test-reporter-destination=${times}`,
        ]
      : []),
  ];
  const runner = spawn(process.execPath, ['--test', '--test-concurrency=1', ...reporters, ...files], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  return new Promise((resolve) => runner.on('close', (code) => resolve(code ?? 1)));
}
