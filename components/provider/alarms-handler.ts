import type { AlarmOrder } from '../../agent/alarms/alarm-order.ts';
import type { AlarmWays } from '../../core/alarms/alarm-ways.ts';
import { agentOf, orUnverified } from './agent-link.ts';
import { changedOf } from './changed-of.ts';
import { RunFolder } from './run-folder.ts';
import type { Properties, ResourceHandler } from './serve.ts';
import { serverLooks } from './server-look.ts';

/**
 * How a server tells its owner that something is wrong. Secrets are sent to the agent alone: inputs and outputs have
 * their generations. A new server gets them again, because they are on its own disk and not on the volume.
 */
async function put(inputs: Properties): Promise<Properties> {
  const run = RunFolder.fromEnvironment();
  const agent = agentOf(inputs);
  const ways = inputs.ways as unknown as AlarmWays;
  const secrets = Object.keys(ways.secrets).flatMap((name) => {
    const value = run.given(name);
    return value === undefined ? [] : [[name, value]];
  });
  serverLooks.forget();
  await agent.takeLock(run.claimOn(String(inputs.host)));
  const order: AlarmOrder = { ways, secrets: Object.fromEntries(secrets) };
  await agent.call(['alarm-put'], JSON.stringify(order));
  return { ...inputs, verifiedAt: new Date().toISOString() };
}

export const alarmsHandler: ResourceHandler = {
  diff: (_id, outputs, inputs) => ({ changed: changedOf(['server', 'ways'], outputs, inputs) }),
  async create(inputs, preview) {
    return { id: 'alarms', outputs: preview ? inputs : await put(inputs) };
  },
  async read(id, outputs, inputs) {
    return orUnverified('alarms', { id, outputs, inputs }, async () => {
      const ways = await serverLooks.alarms(agentOf({ ...outputs, ...inputs }, 3000));
      return ways ? { id, inputs, outputs: { ...outputs, ways: ways as unknown as Properties } } : undefined;
    });
  },
  async update(_id, outputs, inputs, preview) {
    return preview ? { ...outputs, ...inputs } : put(inputs);
  },
  async delete(_id, outputs) {
    await agentOf(outputs).call(['alarm-remove']);
  },
};
