import assert from 'node:assert/strict';
import { stepsOf, type UserEvent, variablesOf } from '../../agent/users/run-hook.ts';
import type { ServiceDefinition } from '../../core/service.ts';
import { type RunResult, tryRun } from '../../system/run.ts';
import type { Postgres } from './postgres.ts';

/** Runs a command in a container of a service, as `docker compose exec` does. */
export type InContainer = (command: string[], variables: Record<string, string>) => Promise<RunResult>;

/** The container `db`: a command runs on this machine, with the test's PostgreSQL. */
export const inDatabase =
  (postgres: Postgres): InContainer =>
  ([program, ...args], variables) =>
    tryRun(program!, args, { env: { ...postgres.environment, ...variables } });

/** Runs a hook once, by the commands that the agent runs. Answers with what it printed; fails if the hook does. */
export async function runUserHook(
  containers: Record<string, InContainer>,
  { userHooks }: ServiceDefinition,
  event: UserEvent,
): Promise<string> {
  let printed = '';
  for (const { container, command } of stepsOf(userHooks!, event.hook) ??
    assert.fail(`no hook ${event.hook}`)) {
    const exec = containers[container] ?? assert.fail(`no container ${container}`);
    const { code, stdout, stderr } = await exec(command, variablesOf(event));
    assert.equal(code, 0, stderr);
    printed += stdout;
  }
  return printed;
}
