import { type Properties, type ResourceHandler, unknownValue } from '../../../components/provider/serve.ts';
import { camel, snake } from '../properties/case.ts';
import { differences } from '../properties/differences.ts';
import { unknowns } from '../properties/unknowns.ts';
import { api, CloudflareError } from './client.ts';

const settings = ['status', 'dnssecMultiSigner', 'dnssecPresigned', 'dnssecUseNsec3'];
const shown = ['algorithm', 'digest', 'digestAlgorithm', 'digestType', 'ds', 'flags', 'keyTag', 'keyType'];

const edit = async ({ zoneId, ...wanted }: Properties): Promise<Properties> => {
  const result = await api('PATCH', `zones/${zoneId}/dnssec`, snake(wanted));
  return { ...camel(result), zoneId };
};

/**
 * cloudflare.ZoneDnssec, whose id is the zone's. What it reads is what Cloudflare says, so a status `pending` differs from the
 * `active` that a program sets. It is deleted with one DELETE, which Cloudflare refuses unless the status is `disabled`
 * (terraform-provider-cloudflare, internal/services/zone_dnssec/resource.go).
 */
export const zoneDnssec: ResourceHandler = {
  diff: (_id, _outputs, inputs, old) => differences(inputs, old, { replaces: ['zoneId'] }),
  async create(inputs, preview) {
    if (preview) {
      const later = unknowns([...shown, 'publicKey', 'modifiedOn']);
      return { id: '', outputs: { status: unknownValue, ...inputs, ...later } };
    }
    return { id: String(inputs.zoneId), outputs: await edit(inputs) };
  },
  async read(zoneId, _outputs, inputs) {
    let seen: Properties | undefined;
    try {
      seen = camel(await api('GET', `zones/${zoneId}/dnssec`));
    } catch (error) {
      if (error instanceof CloudflareError && error.status === 404) return undefined;
      throw error;
    }
    const names = settings.filter((name) => name in inputs || name === 'status');
    const own = Object.fromEntries(names.map((name) => [name, seen?.[name]]));
    return { id: zoneId, inputs: { zoneId, ...own }, outputs: { ...seen, zoneId } };
  },
  async update(_id, outputs, inputs, preview) {
    return preview ? { ...outputs, ...inputs } : edit(inputs);
  },
  async delete(zoneId) {
    await api('DELETE', `zones/${zoneId}/dnssec`);
  },
};
