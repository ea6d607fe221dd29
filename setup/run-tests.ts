import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { chosenServices } from '../core/config/dependencies.ts';
import { ensureEngine, silent } from '../engine/ensure-engine.ts';
import type { BuildTask } from '../sandbox/build/task.ts';
import { prepare } from '../sandbox/prepare.ts';
import { stopSandbox } from '../sandbox/sandbox.ts';
import { loadCatalogue } from '../services/catalogue.ts';
import { cacheDir } from '../system/cache-dir.ts';
import { projectRoot } from '../system/project-root.ts';
import { browserNeeds, install, missing, sandboxNeeds, testNeeds } from './packages.ts';

/**
 * Installs what tests in a sandbox need, stops what another run left (one machine holds one sandbox), and builds the
 * images of the services at hand and what else is named, so that no test has the time of a build in it.
 */
export async function prepareSandboxTests(services: string[] = [], last: BuildTask[] = []): Promise<void> {
  const needed = await missing([...sandboxNeeds, ...browserNeeds, ...testNeeds]);
  if (needed.length > 0) {
    console.log(`Installing ${needed.map((each) => each.package).join(', ')} ...`);
    await install(needed, () => undefined);
  }
  await ensureEngine({ report: { ...silent, say: (line) => console.log(line) } });
  await stopSandbox();
  if (services.length + last.length > 0) await buildImages(services, last);
}

async function buildImages(services: string[], last: BuildTask[]): Promise<void> {
  const catalogue = await loadCatalogue([join(projectRoot, 'services'), join(projectRoot, 'test/services')]);
  const chosen = chosenServices(
    { services: Object.fromEntries(services.map((each) => [each, { access: 'users' as const }])) },
    catalogue,
  );
  const screen = { line: (text: string) => console.log(`  ${text}`) };
  await prepare(catalogue, { services: chosen, last, screen });
}

/** How test files are run. */
export interface RunOptions {
  /** How many files at the same time. */
  atOnce?: number;
  /** Within how many minutes each file must end: one that leaves something open would otherwise wait for ever. */
  minutes: number;
  /** Files share processes (load-together.ts), and must not leave anything behind in theirs, except those that are named. */
  shared?: { except: string[] };
  env?: Record<string, string>;
}

let runs = 0;

/**
 * Runs test files in a process of their own (run-files.ts); answers with its exit code. Where HAVEN_TEST_TIMES names a
 * folder, it gets the seconds of each file and why tests failed (see times-reporter.ts).
 */
export async function runTests(
  files: string[],
  { atOnce = 1, minutes, shared, env }: RunOptions,
): Promise<number> {
  const times = process.env.HAVEN_TEST_TIMES;
  runs += 1;
  const timesFile = times ? join(times, `${process.pid}-${runs}.jsonl`) : '';
  const script = join(projectRoot, 'setup/run-files.ts');
  const words = [
    String(atOnce),
    String(minutes * 60_000),
    JSON.stringify(shared ?? null),
    timesFile,
    ...files,
  ];
  const runner = spawn(process.execPath, [script, ...words], {
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE: join(cacheDir, 'compiled'), ...process.env, ...env },
  });
  return new Promise((resolve) => runner.on('close', (code) => resolve(code ?? 1)));
}
