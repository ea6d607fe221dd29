import { type SpawnOptions, spawn } from 'node:child_process';
import { printable } from './printable.ts';

/** Options of a program's run. `input` goes to its standard input; after `timeoutMs` it is killed (SIGKILL). */
export interface RunOptions {
  input?: string | Uint8Array;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  timeoutMs?: number;
  uid?: number;
  gid?: number;
  /** Called with every chunk of output while the program runs. */
  onOutput?: (text: string) => void;
}

export interface RunResult {
  stdout: string;
  stderr: string;
  /** Exit status; 128 + signal number after a signal, as in a shell. */
  code: number;
}

/** A program ended with a status other than 0. The message has the last lines of its output, never its input. */
export class RunError extends Error {
  readonly command: string;
  // Not enumerable, so that a printed error shows the last lines once, and not the whole output.
  readonly #result: RunResult;
  constructor(command: string, result: RunResult, why = `exited with status ${result.code}`) {
    const output = printable(result.stderr).trim() || printable(result.stdout).trim();
    const said = output.split('\n').slice(-12).join('\n');
    super(`${command}: ${why}${said ? `\n${said}` : ''}`);
    this.name = 'RunError';
    this.command = command;
    this.#result = result;
  }

  get result(): RunResult {
    return this.#result;
  }
}

/** Runs a program and returns its output, whatever its exit status. */
export async function tryRun(command: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  const { input, timeoutMs, onOutput, ...rest } = options;
  const spawnOptions: SpawnOptions = { ...rest, stdio: ['pipe', 'pipe', 'pipe'] };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, spawnOptions);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let timer: NodeJS.Timeout | undefined;
    let timedOut = false;
    if (timeoutMs !== undefined) {
      timer = setTimeout(() => {
        timedOut = true;
        child.kill('SIGKILL');
      }, timeoutMs);
    }
    child.stdout?.on('data', (chunk: Buffer) => {
      out.push(chunk);
      onOutput?.(chunk.toString());
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      err.push(chunk);
      onOutput?.(chunk.toString());
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    // A program may exit without reading all of its input. What counts is its output.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input ?? '');
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const result = {
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
        code: code ?? (signal === 'SIGKILL' ? 137 : 143),
      };
      if (timedOut) reject(new RunError(shown(command, args), result, `took longer than ${timeoutMs} ms`));
      else resolve(result);
    });
  });
}

/** Runs a program. Throws {@link RunError} unless it exits with status 0. */
export async function run(command: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  const result = await tryRun(command, args, options);
  if (result.code !== 0) throw new RunError(shown(command, args), result);
  return result;
}

function shown(command: string, args: string[]): string {
  const text = [command, ...args].join(' ');
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}
