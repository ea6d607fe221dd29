import { setTimeout as sleep } from 'node:timers/promises';
import { asLookedUp } from '../../core/dns/record.ts';
import { lookUp } from '../../system/look-up.ts';
import { RunFolder } from './run-folder.ts';
import type { Properties, ResourceHandler } from './serve.ts';

/**
 * A record at a DNS provider that we don't write to. We show it, the owner enters it, and here we wait for it. Its
 * outputs are what DNS answers, now and at each plan.
 */
const patienceMs = Number(process.env.HAVEN_DNS_PATIENCE_SECONDS ?? 600) * 1000;

const isVisible = async (inputs: Properties): Promise<boolean> => {
  const found = await lookUp(String(inputs.name), String(inputs.type));
  return found.some((each) => each === asLookedUp(String(inputs.type), String(inputs.content)));
};

async function waitFor(inputs: Properties): Promise<Properties> {
  if (!(await isVisible(inputs))) {
    RunFolder.fromEnvironment().noteToEnter({
      name: String(inputs.name),
      type: String(inputs.type),
      content: String(inputs.content),
      reason: String(inputs.reason),
    });
    const end = Date.now() + patienceMs;
    while (!(await isVisible(inputs))) {
      if (Date.now() > end) {
        throw new Error(
          `DNS does not show ${inputs.name} ${inputs.type} ${inputs.content} yet. Enter it at your DNS provider, then run: haven up`,
        );
      }
      await sleep(1000);
    }
  }
  return { ...inputs, visible: true };
}

export const manualRecordHandler: ResourceHandler = {
  diff(_id, outputs, inputs, old) {
    const replaces = ['name', 'type'].filter((key) => inputs[key] !== old[key]);
    const changed = ['content'].filter((key) => inputs[key] !== old[key]);
    if (outputs.visible === false) changed.push('visible');
    return { changed: [...changed, ...replaces], replaces };
  },
  async create(inputs, preview) {
    return {
      id: `${inputs.name}/${inputs.type}`,
      outputs: preview ? { ...inputs, visible: true } : await waitFor(inputs),
    };
  },
  async read(id, outputs, inputs) {
    return { id, inputs, outputs: { ...outputs, visible: await isVisible({ ...outputs, ...inputs }) } };
  },
  async update(_id, outputs, inputs, preview) {
    return preview ? { ...outputs, ...inputs, visible: true } : waitFor(inputs);
  },
  // The owner has to remove it; `haven destroy` says so.
  delete: async () => undefined,
};
