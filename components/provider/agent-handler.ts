import { agentOf, orUnverified } from './agent-link.ts';
import { changedOf } from './changed-of.ts';
import { RunFolder } from './run-folder.ts';
import type { Properties, ResourceHandler } from './serve.ts';
import { serverLooks } from './server-look.ts';

/**
 * The agent on a server, and with it everything that it sets up there. Its text is in the run's folder: as a property the
 * engine would carry it through each of its steps, and keep it in every copy of the state. `read` asks for the file that
 * is on the server, so one that was changed from elsewhere is brought again.
 */
async function bring(inputs: Properties): Promise<Properties> {
  serverLooks.forget();
  await agentOf(inputs).bring(RunFolder.fromEnvironment().agent(), [
    String(inputs.sha256),
    ...['--volume', String(inputs.volume)],
    // So that a volume that has grown is set up again.
    ...['--volume-gb', String(inputs.volumeGb)],
  ]);
  return { ...inputs, verifiedAt: new Date().toISOString() };
}

/** Each means another file, another disk or another server. The server's address alone changes nothing on it. */
const facts = ['sha256', 'volume', 'volumeGb', 'server'];

export const agentHandler: ResourceHandler = {
  diff: (_id, outputs, inputs) => ({ changed: changedOf(facts, outputs, inputs) }),
  async create(inputs, preview) {
    return { id: 'agent', outputs: preview ? inputs : await bring(inputs) };
  },
  async read(id, outputs, inputs) {
    return orUnverified('agent', { id, outputs, inputs }, async () => {
      const sha256 = await serverLooks.agent(agentOf({ ...outputs, ...inputs }, 3000));
      return { id, inputs, outputs: { ...outputs, ...(sha256 ? { sha256 } : {}) } };
    });
  },
  async update(_id, outputs, inputs, preview) {
    return preview ? { ...outputs, ...inputs } : bring(inputs);
  },
  async delete() {},
};
