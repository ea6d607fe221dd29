import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { loadGoBuild, makeGoBuild } from '../../sandbox/images/go-build.ts';
import { cacheDir } from '../../system/cache-dir.ts';
import { projectRoot } from '../../system/project-root.ts';
import { waitUntil } from '../../system/wait-until.ts';

/** Miniflux itself, built from its Go module as images/miniflux has it; the next run finds it. */
async function program(): Promise<string> {
  const folder = join(projectRoot, 'images/miniflux');
  const build = loadGoBuild(folder) ?? assert.fail('images/miniflux has no go-build.json');
  const root = join(cacheDir, 'test-programs', `miniflux-${build.version}`);
  if (!existsSync(root)) {
    await rm(`${root}.new`, { recursive: true, force: true });
    await makeGoBuild(folder, build, `${root}.new`);
    await rename(`${root}.new`, root);
  }
  return join(root, build.programs[0]!.to);
}

/** A running Miniflux on a database of a test. It fetches no feed. */
export class Miniflux {
  readonly origin: string;
  readonly #child: ChildProcess;
  private constructor(origin: string, child: ChildProcess) {
    this.origin = origin;
    this.#child = child;
  }

  /** Makes its tables, by its own migrations, and serves. `settings` are its own variables. */
  static async start(settings: Record<string, string>): Promise<Miniflux> {
    const port = await freePort();
    const path = await program();
    const child = spawn(path, [], {
      stdio: 'ignore',
      env: { PATH: process.env.PATH, PORT: String(port), DISABLE_SCHEDULER_SERVICE: '1', ...settings },
    });
    const origin = `http://127.0.0.1:${port}`;
    await waitUntil('Miniflux', async () => (await fetch(`${origin}/healthcheck`)).ok);
    return new Miniflux(origin, child);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill();
    await ended;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
