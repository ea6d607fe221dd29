import { type ProviderSpec, serveProvider } from '../../components/provider/serve.ts';
import { dnsRecord } from './cloudflare/dns-record.ts';
import { getZone } from './cloudflare/get-zone.ts';
import { zoneDnssec } from './cloudflare/zone-dnssec.ts';

/**
 * An emulator of the official plugin `cloudflare`, for machines that cannot download it: DnsRecord, ZoneDnssec and getZone, with
 * the official ones' ids and rules of replacement (pulumi-cloudflare 6).
 */
export const cloudflarePlugin: ProviderSpec = {
  name: 'cloudflare (sandbox)',
  version: '6.22.1',
  configure() {
    if (!process.env.CLOUDFLARE_API_TOKEN) throw new Error('CLOUDFLARE_API_TOKEN must be set');
  },
  resources: {
    'cloudflare:index/dnsRecord:DnsRecord': dnsRecord,
    'cloudflare:index/zoneDnssec:ZoneDnssec': zoneDnssec,
  },
  functions: { 'cloudflare:index/getZone:getZone': getZone },
};

if (import.meta.main) await serveProvider(cloudflarePlugin);
