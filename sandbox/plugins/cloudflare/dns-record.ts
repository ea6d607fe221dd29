import { type Properties, type ResourceHandler, unknownValue } from '../../../components/provider/serve.ts';
import type { DnsRecord } from '../../emulators/cloudflare/state.ts';
import { camel, snake } from '../properties/case.ts';
import { differences } from '../properties/differences.ts';
import { api, CloudflareError } from './client.ts';

const body = (inputs: Properties) => ({
  name: inputs.name,
  type: inputs.type,
  ttl: inputs.ttl,
  content: inputs.content,
  data: snake(inputs.data),
  priority: inputs.priority,
  proxied: inputs.proxied ?? false,
  comment: inputs.comment,
});

/** cloudflare.DnsRecord. */
export const dnsRecord: ResourceHandler = {
  diff: (_id, _outputs, inputs, old) => differences(inputs, old, { replaces: ['zoneId', 'type'] }),
  async create(inputs, preview) {
    if (preview) return { id: '', outputs: { ...inputs, createdOn: unknownValue, modifiedOn: unknownValue } };
    const record = await api<DnsRecord>('POST', `zones/${inputs.zoneId}/dns_records`, body(inputs));
    return { id: record.id, outputs: { ...inputs, content: record.content } };
  },
  async read(given, outputs, inputs) {
    // To import, the official plugin takes `<zone id>/<record id>`.
    const [id = '', importedZone] = given.split('/').reverse();
    const zoneId = importedZone ?? inputs.zoneId ?? outputs.zoneId;
    let record: DnsRecord;
    try {
      record = await api<DnsRecord>('GET', `zones/${zoneId}/dns_records/${id}`);
    } catch (error) {
      if (error instanceof CloudflareError && error.status === 404) return undefined;
      throw error;
    }
    const seen: Properties = {
      zoneId,
      name: record.name,
      type: record.type,
      ttl: record.ttl,
      proxied: record.proxied,
    };
    if ('data' in inputs || (importedZone && record.data)) seen.data = camel(record.data);
    else seen.content = record.content;
    if ('priority' in inputs || (importedZone && record.priority !== undefined))
      seen.priority = record.priority;
    if (record.comment !== null) seen.comment = record.comment;
    return { id, inputs: seen, outputs: { ...seen, content: record.content } };
  },
  async update(id, outputs, inputs, preview) {
    if (preview) return { ...outputs, ...inputs };
    const record = await api<DnsRecord>('PUT', `zones/${inputs.zoneId}/dns_records/${id}`, body(inputs));
    return { ...inputs, content: record.content };
  },
  async delete(id, outputs) {
    await api('DELETE', `zones/${outputs.zoneId}/dns_records/${id}`);
  },
};
