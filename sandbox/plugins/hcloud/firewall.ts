import type { Properties, ResourceHandler } from '../../../components/provider/serve.ts';
import { differences } from '../properties/differences.ts';
import { type Action, api, changeNameAndLabels, deleted, get, labelsOf, settle } from './client.ts';

interface ApiFirewall {
  name: string;
  labels: Record<string, string>;
  rules: Record<string, unknown>[];
}

const ruleToApi = (rule: Properties) => ({
  direction: rule.direction,
  protocol: rule.protocol,
  port: rule.port,
  source_ips: rule.sourceIps,
  destination_ips: rule.destinationIps,
  description: rule.description,
});

const ruleFromApi = (rule: Record<string, unknown>): Properties =>
  Object.fromEntries(
    Object.entries({
      direction: rule.direction,
      protocol: rule.protocol,
      port: rule.port,
      sourceIps: rule.source_ips,
      destinationIps: rule.destination_ips,
      description: rule.description,
    }).filter(
      ([, value]) => value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  );

/** hcloud.Firewall. */
export const firewall: ResourceHandler = {
  diff: (_id, _outputs, inputs, old) => differences(inputs, old),
  async create(inputs, preview) {
    if (preview) return { id: '', outputs: inputs };
    const created = await api<{ firewall: { id: number }; actions: Action[] }>('POST', '/firewalls', {
      name: inputs.name,
      labels: labelsOf(inputs),
      rules: ((inputs.rules ?? []) as Properties[]).map(ruleToApi),
    });
    await settle(...created.actions);
    return { id: String(created.firewall.id), outputs: inputs };
  },
  async read(id, outputs, inputs) {
    const now = await get<ApiFirewall>('firewall', id);
    if (!now) return undefined;
    const seen = { name: now.name, labels: now.labels, rules: now.rules.map(ruleFromApi) };
    return { id, inputs: { ...inputs, ...seen }, outputs: { ...outputs, ...seen } };
  },
  async update(id, outputs, inputs, preview) {
    if (preview) return { ...outputs, ...inputs };
    await changeNameAndLabels('firewall', id, inputs);
    const { actions } = await api<{ actions: Action[] }>('POST', `/firewalls/${id}/actions/set_rules`, {
      rules: ((inputs.rules ?? []) as Properties[]).map(ruleToApi),
    });
    await settle(...actions);
    return { ...outputs, ...inputs };
  },
  async delete(id) {
    await deleted(() => api('DELETE', `/firewalls/${id}`));
  },
};
