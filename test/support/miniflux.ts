import { type ChildProcess, spawn } from 'node:child_process';
import { waitUntil } from '../../system/wait-until.ts';
import { freePort, goProgram } from './go-program.ts';

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
    const path = await goProgram('miniflux');
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
