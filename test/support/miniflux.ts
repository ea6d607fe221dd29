import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { cacheDir } from '../../system/cache-dir.ts';
import { projectRoot } from '../../system/project-root.ts';
import { run } from '../../system/run.ts';
import { waitUntil } from '../../system/wait-until.ts';

/** The version that images/miniflux builds. */
const version = /VERSION=(\S+)/.exec(
  readFileSync(join(projectRoot, 'images/miniflux/Dockerfile'), 'utf8'),
)![1]!;

/** Miniflux itself, built from its Go module; the next run finds it. */
async function program(): Promise<string> {
  const path = join(cacheDir, 'go', `miniflux-${version}`);
  if (existsSync(path)) return path;
  const { stdout } = await run('go', ['mod', 'download', '-json', `miniflux.app/v2@v${version}`], {
    cwd: '/',
  });
  const { Dir } = JSON.parse(stdout) as { Dir: string };
  mkdirSync(join(cacheDir, 'go'), { recursive: true });
  await run('go', ['build', '-ldflags', '-s -w', '-o', `${path}.new`, '.'], {
    cwd: Dir,
    env: { ...process.env, CGO_ENABLED: '0' },
    timeoutMs: 600_000,
  });
  renameSync(`${path}.new`, path);
  return path;
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
