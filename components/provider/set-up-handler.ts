import { agentOf, orUnverified } from './agent-link.ts';
import { RunFolder } from './run-folder.ts';
import type { Properties, ResourceHandler } from './serve.ts';
import { serverLooks } from './server-look.ts';

/**
 * What the agent has set up on the server itself. The command that brings the agent has set all of it up, so there is
 * nothing to create. `read` asks the agent what differs since, and `update` has it set up again.
 */
async function putRight(inputs: Properties): Promise<Properties> {
  const run = RunFolder.fromEnvironment();
  serverLooks.forget();
  const volume = ['--volume', String(inputs.volume), '--volume-gb', String(inputs.volumeGb)];
  const claim = JSON.stringify(run.claimOn(String(inputs.host)));
  await agentOf(inputs).call(['put-server-right', claim, ...volume]);
  return { ...inputs, differs: [] };
}

export const setUpHandler: ResourceHandler = {
  diff(_id, outputs) {
    const differs = (outputs.differs as string[] | undefined) ?? [];
    return { changed: differs.length > 0 ? ['differs'] : [] };
  },
  async create(inputs) {
    return { id: 'set-up', outputs: { ...inputs, differs: [] } };
  },
  async read(id, outputs, inputs) {
    return orUnverified('set-up of the server', { id, outputs, inputs }, async () => {
      const differs = await serverLooks.setUp(agentOf({ ...outputs, ...inputs }, 3000));
      return { id, inputs, outputs: { ...outputs, differs } };
    });
  },
  async update(_id, outputs, inputs, preview) {
    return { ...outputs, ...(preview ? { ...inputs, differs: [] } : await putRight(inputs)) };
  },
  async delete() {},
};
