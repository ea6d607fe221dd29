import { type RunResult, tryRun } from '../../system/run.ts';

/** Uid of the user that runs health checks. The agent's set-up creates the user with this uid. */
export const checkUid = 990;

/**
 * Runs one of the agent's own commands as `haven-check`, the only user that the trial lets through. Its input goes
 * over standard input, so that no process list shows it.
 */
export function asChecker(
  agent: string[],
  what: string,
  input: string,
  timeoutMs: number,
): Promise<RunResult> {
  const [command, ...args] = agent;
  const user = { uid: checkUid, gid: checkUid };
  const env = { PATH: process.env.PATH };
  return tryRun(command!, [...args, what], { input, ...user, cwd: '/', timeoutMs, env });
}
