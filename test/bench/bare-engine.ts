import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { findEngine } from '../../engine/engine-root.ts';
import { cacheDir } from '../../system/cache-dir.ts';
import { projectRoot } from '../../system/project-root.ts';
import type { Owner } from '../support/owner.ts';

const execute = promisify(execFile);

/** A fixed bare program of the Automation API with so many resources at the same API, run as its own process each time. */
export class BareEngine {
  readonly #home = mkdtempSync(join(tmpdir(), 'haven-bench-'));
  readonly #count: number;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(owner: Owner, count: number) {
    this.#count = count;
    this.#environment = {
      ...owner.environment,
      PATH: `${join(projectRoot, 'sandbox/plugins/bin')}:${process.env.PATH}`,
      HAVEN_NODE: process.execPath,
      BENCH_ENGINE: findEngine(),
      PULUMI_HOME: join(cacheDir, 'pulumi-home'),
      PULUMI_BACKEND_URL: pathToFileURL(join(this.#home, 'state')).href,
      PULUMI_CONFIG_PASSPHRASE_FILE: join(this.#home, 'passphrase'),
      PULUMI_SKIP_UPDATE_CHECK: 'true',
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    };
    mkdirSync(join(this.#home, 'state'));
    writeFileSync(join(this.#home, 'passphrase'), 'bench');
  }

  /** Makes its resources, so that each later run has nothing to do. */
  static async open(owner: Owner, count: number): Promise<BareEngine> {
    const engine = new BareEngine(owner, count);
    await engine.up();
    return engine;
  }

  up(): Promise<void> {
    return this.#run('up');
  }

  preview(): Promise<void> {
    return this.#run('preview');
  }

  async #run(verb: 'up' | 'preview'): Promise<void> {
    const program = fileURLToPath(new URL('./bare-program.ts', import.meta.url));
    await execute(process.execPath, [program, verb, String(this.#count)], { env: this.#environment });
  }

  forget(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }
}
