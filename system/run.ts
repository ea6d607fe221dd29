import { type SpawnOptions, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { printable } from './printable.ts';
import { passSignalsOn, signalGroup } from './process-groups.ts';

/** How long a program may take if its caller says nothing. */
export const defaultTimeoutMs = 120_000;

/** How long the output of a program that has ended is waited for: something it left running may hold it open. */
const afterExitMs = 500;

/** Between SIGTERM and SIGKILL, when a program has to end. */
const graceMs = 1000;

/** More than any program prints that we run; a service that was broken into could print without end. */
const defaultMostOutputMb = 64;

/**
 * Options of a program's run. `input` goes to its standard input; after `timeoutMs` (default: two minutes), or
 * when it has printed more than `mostOutputMb`, it is stopped (SIGTERM, then SIGKILL), with everything in its process
 * group.
 */
export interface RunOptions {
  input?: string | Uint8Array;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  timeoutMs?: number;
  mostOutputMb?: number;
  uid?: number;
  gid?: number;
  /** Called with every chunk of output while the program runs. */
  onOutput?: (text: string) => void;
  /** Stops it as `timeoutMs` does. The reason of the signal, a text, completes "was stopped, because". */
  signal?: AbortSignal;
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

/** Runs a program and returns its output, whatever its exit status. Throws {@link RunError} when it had to be stopped. */
export async function tryRun(command: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  const {
    input,
    timeoutMs = defaultTimeoutMs,
    mostOutputMb = defaultMostOutputMb,
    onOutput,
    signal: ending,
    ...rest
  } = options;
  // Detached: it leads a process group of its own, so that a limit also ends what it started.
  const spawnOptions: SpawnOptions = { ...rest, stdio: ['pipe', 'pipe', 'pipe'], detached: true };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, spawnOptions);
    const stopPassing = passSignalsOn(child);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let printed = 0;
    let stopped: string | undefined;
    const end = (code: number | null, signal: NodeJS.Signals | null): void => {
      clearTimeout(limit);
      ending?.removeEventListener('abort', onAbort);
      stopPassing();
      if (stopped !== undefined) signalGroup(child, 'SIGKILL');
      for (const stream of child.stdio) stream?.destroy();
      const result = {
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
        code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]),
      };
      if (stopped !== undefined)
        reject(new RunError(shown(command, args), result, `was stopped, because ${stopped}`));
      else resolve(result);
    };
    const stop = (why: string): void => {
      stopped = why;
      signalGroup(child, 'SIGTERM');
      // Not even SIGKILL ends a process that waits for a device, so it is not waited for.
      setTimeout(() => end(null, 'SIGKILL'), graceMs).unref();
    };
    const limit = setTimeout(() => stop(`it did not end within ${timeoutMs / 1000} s`), timeoutMs);
    const onAbort = (): void => stop(String(ending?.reason));
    if (ending?.aborted) onAbort();
    else ending?.addEventListener('abort', onAbort, { once: true });
    const keep = (chunks: Buffer[]) => (chunk: Buffer) => {
      if (stopped !== undefined) return;
      chunks.push(chunk);
      printed += chunk.length;
      onOutput?.(chunk.toString());
      if (printed > mostOutputMb * 1e6) stop(`it printed more than ${mostOutputMb} MB`);
    };
    child.stdout?.on('data', keep(out));
    child.stderr?.on('data', keep(err));
    child.on('error', (error) => {
      clearTimeout(limit);
      stopPassing();
      reject(error);
    });
    // A program may exit without reading all of its input. What counts is its output.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input ?? '');
    child.on('exit', (code, signal) => {
      clearTimeout(limit);
      // Reads what is in the pipes before it ends, also when this process was busy meanwhile.
      setTimeout(() => setImmediate(() => end(code, signal)), afterExitMs).unref();
    });
    child.on('close', end);
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
