import type { CertificateState } from '../../agent/certificates/certificate.ts';
import { lookUp } from '../../system/look-up.ts';
import { agentOf, orUnverified } from './agent-link.ts';
import { RunFolder } from './run-folder.ts';
import { type Properties, type ResourceHandler, unknownValue } from './serve.ts';
import { serverLooks } from './server-look.ts';

/** A certificate whose keys never leave the server. The outputs are the hashes of their public halves. */
async function ensure(inputs: Properties): Promise<Properties> {
  const run = RunFolder.fromEnvironment();
  const order = {
    name: inputs.name,
    directory: inputs.directory,
    accountUrl: inputs.accountUrl,
    keyGeneration: inputs.keyGeneration,
    accountKey: run.acmeAccountKey(),
    trust: run.acmeTrust(),
  };
  const agent = agentOf(inputs);
  serverLooks.forget();
  const claim = JSON.stringify(run.claimOn(String(inputs.host)));
  const state = await agent.call<CertificateState>(['certificate-ensure', claim], JSON.stringify(order));
  return { ...inputs, ...outputsOf(state), verifiedAt: new Date().toISOString() };
}

const outputsOf = ({ keys, accountUrl, keyGeneration, notAfter }: CertificateState): Properties => ({
  keyA: keys.a,
  keyB: keys.b,
  accountUrl,
  keyGeneration,
  valid: Date.parse(notAfter) > Date.now(),
});

/** The slot of the key after this generation. */
const slotAfter = (generation: unknown): string => (Number(generation) % 2 === 1 ? 'keyB' : 'keyA');

/** TLSA clients must know a key before it is used (RFC 7671 §8.1). Without a published TLSA record there are none. */
async function refuseUnseenKey(inputs: Properties, outputs: Properties): Promise<void> {
  if (inputs.keyGeneration !== Number(outputs.keyGeneration) + 1)
    throw new Error(
      `${inputs.name} uses key ${outputs.keyGeneration}, but haven.lock asks for key ${inputs.keyGeneration}. Keys are rolled one at a time. Restore haven.lock from your repository, then run: haven certificate renew-key ${inputs.name}`,
    );
  const next = outputs[slotAfter(outputs.keyGeneration)];
  const shown = await lookUp(`_443._tcp.${inputs.name}`, 'TLSA');
  if (shown.length === 0 || shown.some((each) => each.endsWith(` ${next}`))) return;
  throw new Error(
    `DNS does not show the next key of ${inputs.name} yet (_443._tcp.${inputs.name} TLSA 3 1 1 ${next}). It is not used, because clients that check TLSA would refuse it. Wait for the record's time to live, then run: haven up`,
  );
}

export const certificateHandler: ResourceHandler = {
  diff(_id, outputs, inputs) {
    const replaces = inputs.name === outputs.name ? [] : ['name'];
    const changed = ['directory', 'accountUrl', 'keyGeneration'].filter(
      (key) => inputs[key] !== outputs[key],
    );
    if (outputs.valid === false) changed.push('valid');
    return { changed: [...changed, ...replaces], replaces };
  },
  async create(inputs, preview) {
    const id = String(inputs.name);
    if (preview) return { id, outputs: { ...inputs, keyA: unknownValue, keyB: unknownValue, valid: true } };
    return { id, outputs: await ensure(inputs) };
  },
  async read(id, outputs, inputs) {
    return orUnverified(`certificate ${id}`, { id, outputs, inputs }, async () => {
      const state = await serverLooks.certificate(agentOf({ ...outputs, ...inputs }, 3000), id);
      return state ? { id, inputs, outputs: { ...outputs, ...outputsOf(state) } } : undefined;
    });
  },
  async update(_id, outputs, inputs, preview) {
    const rolls = inputs.keyGeneration !== outputs.keyGeneration;
    if (preview)
      return {
        ...outputs,
        ...inputs,
        ...(rolls ? { [slotAfter(inputs.keyGeneration)]: unknownValue } : {}),
      };
    if (rolls) await refuseUnseenKey(inputs, outputs);
    return ensure(inputs);
  },
  async delete(id, outputs) {
    await agentOf(outputs).call(['certificate-remove', id]);
  },
};
