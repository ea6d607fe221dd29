import { spawn } from 'node:child_process';
import { projectRoot } from '../../system/project-root.ts';

export interface Typed {
  code: number;
  stdout: string;
  stderr: string;
}

export interface TypeOptions {
  input?: string;
  /** Is told what appears on the screen, and may send a signal. */
  onOutput?: (text: string, stop: (signal: NodeJS.Signals) => void) => void;
  env?: NodeJS.ProcessEnv;
}

/** Longer than any command takes here; what lasts longer hangs, and is a failure with its output. */
const limitMs = 600_000;

/** Runs a command in the project's folder and waits for its end. */
export function typeCommand(
  command: string,
  args: string[],
  { input = '', onOutput, env = process.env }: TypeOptions = {},
): Promise<Typed> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, cwd: projectRoot });
    let stdout = '';
    let stderr = '';
    const hear = (text: string): void => onOutput?.(text, (signal) => child.kill(signal));
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk;
      hear(String(chunk));
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk;
      hear(String(chunk));
    });
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      reject(
        new Error(`${args.join(' ')} did not end within ${limitMs / 60_000} minutes\n${stdout}\n${stderr}`),
      );
    }, limitMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      resolve({ code: code ?? (signal === 'SIGKILL' ? 137 : 143), stdout, stderr });
    });
    child.stdin.end(input);
  });
}
