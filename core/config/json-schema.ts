import { z } from 'zod';
import { type DnsProviderFacts, describeProviders } from '../dns/provider-facts.ts';
import type { Catalogue } from '../service.ts';
import { havenSchema } from './config-schema.ts';

/** The schema of haven.yaml, with the available DNS providers. */
export function configSchema(dnsProviders: DnsProviderFacts[]): Record<string, unknown> {
  const schema = z.toJSONSchema(havenSchema, { io: 'input' }) as unknown as {
    properties: { domains: { items: { properties: { dns: Record<string, unknown> } } } };
  } & Record<string, unknown>;
  const { dns } = schema.properties.domains.items.properties;
  const description = `${dns.description} ${describeProviders(dnsProviders, '`')}`;
  Object.assign(dns, { description, enum: dnsProviders.map((each) => each.id) });
  return schema;
}

/** The JSON Schema of haven.yaml for editors, with the options of every service in the catalogue. */
export function renderSchema(catalogue: Catalogue, dnsProviders: DnsProviderFacts[]): string {
  const schema = configSchema(dnsProviders) as unknown as {
    properties: { services: Record<string, unknown> };
  } & Record<string, unknown>;
  const entry = schema.properties.services.additionalProperties as { properties: Record<string, unknown> };
  const services = Object.fromEntries(
    [...catalogue]
      .filter(([id]) => id !== 'reverse-proxy')
      .map(([id, { definition }]) => {
        const options = z.toJSONSchema(definition.options, { io: 'input' }) as Record<string, unknown>;
        delete options.$schema;
        return [
          id,
          { ...entry, description: definition.summary, properties: { ...entry.properties, options } },
        ];
      }),
  );
  schema.properties.services = {
    description: schema.properties.services.description,
    type: 'object',
    properties: services,
    additionalProperties: false,
  };
  return `${JSON.stringify({ ...schema, title: 'haven.yaml' }, null, 2)}\n`;
}
