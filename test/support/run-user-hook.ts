import assert from 'node:assert/strict';
import { stepsOf, type UserEvent, variablesOf } from '../../agent/users/run-hook.ts';
import type { ServiceDefinition } from '../../core/service.ts';
import { tryRun } from '../../system/run.ts';
import type { Postgres } from './postgres.ts';

/** Runs a hook that changes a service's database once, by the command that the agent runs. Answers with what it printed. */
export async function runUserHook(
  postgres: Postgres,
  { userHooks }: ServiceDefinition,
  event: UserEvent,
): Promise<string> {
  let printed = '';
  for (const { container, command } of stepsOf(userHooks!, event.hook) ??
    assert.fail(`no hook ${event.hook}`)) {
    assert.equal(container, 'db');
    const [program, ...args] = command;
    const env = { ...postgres.environment, ...variablesOf(event) };
    const { code, stdout, stderr } = await tryRun(program!, args, { env });
    assert.equal(code, 0, stderr);
    printed += stdout;
  }
  return printed;
}
