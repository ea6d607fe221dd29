import type { PreflightAnswer, PreflightOrder } from '../../agent/mail/mail-commands.ts';
import { relayPassword } from '../../core/config/mail-sending.ts';
import { judgePreflight } from '../../core/mail/judge-preflight.ts';
import type { MailPlan } from '../../core/plan/plan-mail.ts';
import { agentOf } from './agent-link.ts';
import { changedOf } from './changed-of.ts';
import { RunFolder } from './run-folder.ts';
import type { Properties, ResourceHandler } from './serve.ts';

/**
 * The look outward before mail goes live, and again when how email leaves is changed. The service for mail and its records wait
 * for it, so when it fails nothing of them was changed. The server and its names exist by then. Mail that is live is not stopped
 * by it: what changes later is told by alarms.
 */
async function look(inputs: Properties): Promise<Properties> {
  const run = RunFolder.fromEnvironment();
  const { host, domains, sending } = inputs.mail as unknown as MailPlan;
  const agent = agentOf(inputs);
  await agent.takeLock(run.claimOn(String(inputs.host)));
  const password = run.given(relayPassword);
  const { relay } = sending;
  const order: PreflightOrder = relay ? { relay, ...(password === undefined ? {} : { password }) } : {};
  const answer = await agent.call<PreflightAnswer>(['mail-preflight'], JSON.stringify(order));
  const { stop, told } = judgePreflight({ host, domains, sending, ...answer });
  if (stop !== undefined) throw new Error(stop);
  for (const line of told) run.noteTold(line);
  return { ...inputs };
}

export const mailPreflightHandler: ResourceHandler = {
  diff: (_id, outputs, inputs) => ({ changed: changedOf(['server', 'mail'], outputs, inputs) }),
  async create(inputs, preview) {
    return { id: 'mail-preflight', outputs: preview ? inputs : await look(inputs) };
  },
  // It is about a moment that is over.
  read: async (id, outputs, inputs) => ({ id, inputs, outputs }),
  async update(_id, outputs, inputs, preview) {
    return preview ? { ...outputs, ...inputs } : look(inputs);
  },
  delete: async () => undefined,
};
