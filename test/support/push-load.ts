import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { containerName } from '../../sandbox/machine/container-name.ts';
import { tryDocker } from '../../sandbox/machine/docker.ts';
import { type RunResult, tryRun } from '../../system/run.ts';

/**
 * Pushes to a repository on a server, without pause if none is asked for, each time a new branch with a new commit, and
 * remembers those that were acknowledged. It runs in the server's own network, where it is just another program: the
 * trial must shut it out.
 */
export class PushLoad {
  /** Branch → commit. */
  readonly acknowledged = new Map<string, string>();
  readonly #machine: string;
  readonly #url: string;
  readonly #pauseMs: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'haven-push-'));
  #running = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(machine: string, url: string, { pauseMs = 0 } = {}) {
    this.#machine = machine;
    this.#url = url;
    this.#pauseMs = pauseMs;
  }

  start(): void {
    this.#running = true;
    this.#ended = this.#push();
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#ended;
  }

  /** Branches that were acknowledged and aren't there as they were: the list that must be empty. */
  async lost(): Promise<string[]> {
    const listed = await this.#inMachine(['ls-remote', '--heads', this.#url]);
    if (listed.code !== 0) throw new Error(`git ls-remote: ${listed.stderr}`);
    const there = new Map(
      listed.stdout
        .trim()
        .split('\n')
        .map((line) => line.split('\trefs/heads/') as [string, string])
        .map(([commit, branch]) => [branch, commit]),
    );
    return [...this.acknowledged]
      .filter(([branch, commit]) => there.get(branch) !== commit)
      .map(([each]) => each);
  }

  async forget(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #push(): Promise<void> {
    const git = (args: string[]) => tryRun('git', args, { cwd: this.#folder, env: this.#environment });
    await git(['init', '-q']);
    while (this.#running) {
      const branch = `at-${Date.now()}`;
      await git(['commit', '-q', '--allow-empty', '-m', branch]);
      const commit = (await git(['rev-parse', 'HEAD'])).stdout.trim();
      const pushed = await this.#inMachine(['push', '-q', this.#url, `HEAD:refs/heads/${branch}`]);
      if (pushed.code === 0) this.acknowledged.set(branch, commit);
      await sleep(pushed.code === 0 ? this.#pauseMs : 50);
    }
  }

  /** Runs this machine's git in the network of the server, which gets a new one whenever it starts. */
  async #inMachine(args: string[]): Promise<RunResult> {
    const { stdout } = await tryDocker(['inspect', '-f', '{{.State.Pid}}', containerName(this.#machine)]);
    const pid = Number(stdout.trim());
    if (!pid) return { code: 1, stdout: '', stderr: 'the server is off' };
    return tryRun('nsenter', ['-t', String(pid), '-n', 'timeout', '20', 'git', ...args], {
      cwd: this.#folder,
      env: this.#environment,
    });
  }

  get #environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      HOME: this.#folder,
      GIT_TERMINAL_PROMPT: '0',
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.org',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.org',
    };
  }
}
