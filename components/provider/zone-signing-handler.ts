import type { ZoneSigning } from '../../core/dns/zone-signing.ts';
import { ZoneNotFound, type ZoneSigner } from '../dns-provider.ts';
import { dnsProvider } from '../dns-providers.ts';
import type { Properties, ResourceHandler } from './serve.ts';

/**
 * A zone that its DNS provider signs. Whether its DS record is published is the registrar's matter and not part of this, so
 * a zone that waits for that is as planned. (The provider's own resource for DNSSEC is not used: its state "pending" differs
 * from every value that a program may set, so each plan would show a change until the registrar is done.)
 */
const signerOf = ({ dns }: Properties): ZoneSigner => {
  const signer = dnsProvider(String(dns)).signer?.(process.env);
  if (!signer) throw new Error(`The DNS provider "${dns}" can't be told to sign zones.`);
  return signer;
};

/** What the engine remembers of it: the same before and after the registrar has published the DS record. */
const outputsOf = ({ zone, dns }: Properties, { state, key }: ZoneSigning): Properties => ({
  zone,
  dns,
  isSigned: state === 'waiting' || state === 'secure',
  ...(key ? { ds: key.ds } : {}),
});

export const zoneSigningHandler: ResourceHandler = {
  diff(_id, outputs, inputs, old) {
    const replaces = ['zone', 'dns'].filter((name) => inputs[name] !== old[name]);
    return { changed: [...(outputs.isSigned === true ? [] : ['isSigned']), ...replaces], replaces };
  },
  async create(inputs, preview) {
    const { zone, dns } = inputs;
    const id = String(zone);
    if (preview) return { id, outputs: { zone, dns, isSigned: true } };
    return { id, outputs: outputsOf(inputs, await sign(inputs)) };
  },
  async read(id, outputs, inputs) {
    const of = { ...outputs, ...inputs };
    try {
      return { id, inputs, outputs: outputsOf(of, await signerOf(of).look(id)) };
    } catch (error) {
      if (error instanceof ZoneNotFound) return undefined;
      throw error;
    }
  },
  async update(_id, outputs, inputs, preview) {
    return preview ? { ...outputs, ...inputs, isSigned: true } : outputsOf(inputs, await sign(inputs));
  },
  // A zone that is unsigned while its DS record is published is unreachable, so it stays signed; `haven destroy` says so.
  delete: async () => undefined,
};

async function sign(inputs: Properties): Promise<ZoneSigning> {
  const zone = String(inputs.zone);
  const signing = await signerOf(inputs).sign(zone);
  if (signing.state === 'failed')
    throw new Error(
      `${zone}: its DNS provider reports an error with DNSSEC. Look at DNSSEC of the zone there. To go on without it, add "dnssec: false" below the domain in haven.yaml.`,
    );
  return signing;
}
