import type * as pulumi from '@pulumi/pulumi';
import { CloudflareDnssec } from '../cloudflare/dnssec.ts';
import { contentOf, valueFields } from '../cloudflare/record-fields.ts';
import { serveRecords } from '../cloudflare/serve-records.ts';
import { CloudflareZones } from '../cloudflare/zones.ts';
import type { DnsProvider } from '../dns-provider.ts';

export default {
  id: 'cloudflare',
  title: 'Cloudflare: haven writes the records',
  description: 'haven writes the records',
  token: {
    issuer: 'Cloudflare',
    host: 'api.cloudflare.com',
    name: 'a Cloudflare API token',
    variable: 'CLOUDFLARE_API_TOKEN',
    secret: 'cloudflare-token',
    prompt: 'Cloudflare API token (Zone:Read, DNS:Edit):',
    howToCreate: 'Create one under My Profile, API Tokens, with Zone:Read and DNS:Edit.',
    looksLike: (text) => /^[A-Za-z0-9_-]{40}$/.test(text) && /[A-Z]/.test(text) && /\d/.test(text),
  },
  variables: ['CLOUDFLARE_BASE_URL'],
  open: (environment) => new CloudflareZones(environment),
  signer: (environment) => new CloudflareDnssec(environment),
  front: serveRecords,

  resource: {
    type: 'cloudflare:index/dnsRecord:DnsRecord',
    version: '6.22.1',
    describe: (inputs) => ({
      name: String(inputs.name),
      type: String(inputs.type),
      content: contentOf(inputs),
    }),
  },

  async loadProgram() {
    // The package's index loads its two hundred other modules, which is felt at each start.
    const { DnsRecord } = await import('@pulumi/cloudflare/dnsRecord.js');
    const { getZoneOutput } = await import('@pulumi/cloudflare/getZone.js');
    const zoneIds = new Map<string, pulumi.Output<string>>();
    const zoneId = (zone: string): pulumi.Output<string> => {
      const known = zoneIds.get(zone) ?? getZoneOutput({ filter: { name: zone } }).zoneId;
      zoneIds.set(zone, known);
      return known;
    };
    return ({ key, record, value, content, mark }, options) => {
      const { zone, name, type, ttlSeconds: ttl } = record;
      // Mail and TLS require the address itself, so nothing is proxied.
      const common = { zoneId: zoneId(zone), name, type, ttl, comment: mark, proxied: false };
      const args = { ...common, ...valueFields(record, value, content) };
      return new DnsRecord(key, args, { ...options, deleteBeforeReplace: true });
    };
  },
} satisfies DnsProvider;
