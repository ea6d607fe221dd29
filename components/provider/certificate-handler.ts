import type { CertificateState } from '../../steward/certificate.ts';
import { RunFolder } from './run-folder.ts';
import { type Properties, type ResourceHandler, unknownValue } from './serve.ts';
import { StewardLink, Unreachable } from './steward-link.ts';

/** A certificate whose key was made on the server and stays there; what comes back is the hash of its public half. */
const link = (inputs: Properties, patienceMs?: number) =>
  new StewardLink(
    String(inputs.host),
    String(inputs.hostKey),
    RunFolder.fromEnvironment().sshKey(),
    patienceMs,
  );

async function ensure(inputs: Properties): Promise<Properties> {
  const run = RunFolder.fromEnvironment();
  const order = {
    name: inputs.name,
    directory: inputs.directory,
    accountUrl: inputs.accountUrl,
    accountKey: run.acmeAccountKey(),
    trust: run.acmeTrust(),
  };
  const steward = link(inputs);
  await steward.greet();
  const state = await steward.call<CertificateState>(['certificate-ensure'], JSON.stringify(order));
  return { ...inputs, spkiSha256: state.spkiSha256, valid: true, verifiedAt: new Date().toISOString() };
}

export const certificateHandler: ResourceHandler = {
  diff(_id, outputs, inputs) {
    const replaces = inputs.name === outputs.name ? [] : ['name'];
    const changed = ['directory', 'accountUrl'].filter((key) => inputs[key] !== outputs[key]);
    if (outputs.valid === false) changed.push('valid');
    return { changed: [...changed, ...replaces], replaces };
  },
  async create(inputs, preview) {
    const id = String(inputs.name);
    if (preview) return { id, outputs: { ...inputs, spkiSha256: unknownValue, valid: true } };
    return { id, outputs: await ensure(inputs) };
  },
  async read(id, outputs, inputs) {
    try {
      const state = await link({ ...outputs, ...inputs }, 8000).call<CertificateState | null>([
        'certificate-read',
        id,
      ]);
      if (!state) return undefined;
      return {
        id,
        inputs,
        outputs: {
          ...outputs,
          spkiSha256: state.spkiSha256,
          valid: Date.parse(state.notAfter) > Date.now(),
          verifiedAt: new Date().toISOString(),
        },
      };
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      RunFolder.fromEnvironment().noteUnverified(
        `certificate ${id}`,
        error.message,
        String(outputs.verifiedAt ?? 'ever'),
      );
      return { id, outputs, inputs };
    }
  },
  async update(_id, outputs, inputs, preview) {
    return preview ? { ...outputs, ...inputs } : ensure(inputs);
  },
  async delete(id, outputs) {
    await link(outputs).call(['certificate-remove', id]);
  },
};
