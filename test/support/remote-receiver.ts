import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { projectRoot } from '../../system/project-root.ts';
import { run, tryRun } from '../../system/run.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { scratch } from './scratch.ts';

export interface ReceivedRequest {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Each process that tests has a network of its own, of four addresses below 10.77.0.0/16. */
const places = 2 ** 14;
const addressOf = (host: number): string => {
  const number = (process.pid % places) * 4 + host;
  return `10.77.${number >> 8}.${number & 255}`;
};

/**
 * A receiver of alarms in a network of its own: what it has got has left the server over a network. Only the machine
 * that runs the test has a route to it.
 */
export class RemoteReceiver {
  readonly url: string;
  readonly #namespace = `alarms-${process.pid % places}`;
  readonly #address = addressOf(2);
  readonly #port = 8080;
  readonly #file = join(scratch('receiver'), 'got.jsonl');
  #process: ChildProcess | undefined;

  private constructor() {
    this.url = `http://${this.#address}:${this.#port}`;
  }

  static async start(): Promise<RemoteReceiver> {
    const receiver = new RemoteReceiver();
    await receiver.remove();
    const namespace = receiver.#namespace;
    const inside = (...command: string[]) => run('ip', ['netns', 'exec', namespace, ...command]);
    await run('ip', ['netns', 'add', namespace]);
    await run('ip', ['link', 'add', namespace, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace]);
    await run('ip', ['address', 'add', `${addressOf(1)}/30`, 'dev', namespace]);
    await run('ip', ['link', 'set', namespace, 'up']);
    await inside('ip', 'address', 'add', `${receiver.#address}/30`, 'dev', 'eth0');
    await inside('ip', 'link', 'set', 'eth0', 'up');
    await inside('ip', 'link', 'set', 'lo', 'up');
    await inside('ip', 'route', 'add', 'default', 'via', addressOf(1));
    await receiver.listen();
    return receiver;
  }

  async listen(): Promise<void> {
    const program = join(projectRoot, 'test/support/alarm-receiver-process.ts');
    const args = [process.execPath, program, this.#address, String(this.#port), this.#file];
    this.#process = spawn('ip', ['netns', 'exec', this.#namespace, ...args], { stdio: 'inherit' });
    await waitUntil('the receiver to listen', async () => {
      const { stdout } = await tryRun('ip', ['netns', 'exec', this.#namespace, 'ss', '-Htln']);
      return stdout.includes(`${this.#address}:${this.#port}`);
    });
  }

  /** Until `listen`, nothing answers at its address. */
  async fall(): Promise<void> {
    const { exitCode } = this.#process ?? {};
    if (!this.#process || exitCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }

  /** Everything that it got since it was asked last. */
  take(): ReceivedRequest[] {
    const text = existsSync(this.#file) ? readFileSync(this.#file, 'utf8').trim() : '';
    writeFileSync(this.#file, '');
    return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as ReceivedRequest);
  }

  async remove(): Promise<void> {
    await this.fall();
    await tryRun('ip', ['link', 'delete', this.#namespace]);
    await tryRun('ip', ['netns', 'delete', this.#namespace]);
  }
}
