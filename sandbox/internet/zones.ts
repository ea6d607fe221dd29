import type { DnsRecord, Zone } from '../emulators/cloudflare/state.ts';
import { zoneFileTxt } from '../emulators/cloudflare/txt.ts';
import { network } from '../machine/network.ts';

/** Where the authoritative server listens: beside the resolver, on an address of its own. */
export const authorityIpv4 = '198.51.100.4';
/** The made-up top-level domain under which sandbox domains live (RFC 6761 §6.2: never on the real internet). */
export const topLevel = 'test';
export const acmeHost = 'acme.sandbox.test';

const soa = (serial: number) =>
  `@ 60 IN SOA ns.sandbox.test. hostmaster.sandbox.test. ${serial} 3600 600 86400 1`;

/**
 * All zones of the sandbox's internet: root, top level, our own, reverse, and those at the sandbox Cloudflare. `names` are
 * of the real internet, with their IPv4 addresses here; the root itself knows them, without zones between.
 */
export function zoneFiles(
  customers: Zone[],
  pointers: Record<string, string>,
  serial: number,
  names: Record<string, string> = {},
): Record<string, string> {
  const files: Record<string, string> = {
    '.': [
      soa(serial),
      '@ 60 IN NS ns.sandbox.test.',
      `${topLevel}. 60 IN NS ns.sandbox.test.`,
      `ns.sandbox.test. 60 IN A ${authorityIpv4}`,
      ...Object.entries(names).map(([name, ipv4]) => `${name}. 60 IN A ${ipv4}`),
    ].join('\n'),
    'test.': [
      soa(serial),
      '@ 60 IN NS ns.sandbox.test.',
      ...customers.flatMap((zone) => [
        `${zone.name}. 60 IN NS ada.ns.sandbox.test.`,
        `${zone.name}. 60 IN NS bob.ns.sandbox.test.`,
      ]),
    ].join('\n'),
    'sandbox.test.': [
      soa(serial),
      '@ 60 IN NS ns',
      `ns 60 IN A ${authorityIpv4}`,
      `ada.ns 60 IN A ${authorityIpv4}`,
      `bob.ns 60 IN A ${authorityIpv4}`,
      `acme 60 IN A ${network.hostIpv4}`,
      `acme 60 IN AAAA ${network.hostIpv6}`,
    ].join('\n'),
    '100.51.198.in-addr.arpa.': reverseZone(pointers, serial, (ip) =>
      ip.includes('.') ? ip.split('.').pop() : undefined,
    ),
    'a.7.0.0.8.b.d.0.1.0.0.2.ip6.arpa.': reverseZone(pointers, serial, (ip) =>
      ip.includes(':') ? nibbles(ip).slice(0, 39) : undefined,
    ),
  };
  for (const zone of customers) {
    files[`${zone.name}.`] = [
      `@ 60 IN SOA ada.ns.sandbox.test. dns.sandbox.test. ${zone.serial} 3600 600 86400 1`,
      '@ 60 IN NS ada.ns.sandbox.test.',
      '@ 60 IN NS bob.ns.sandbox.test.',
      ...zone.records.map(zoneLine),
    ].join('\n');
  }
  return files;
}

function zoneLine(record: DnsRecord): string {
  const ttl = record.ttl === 1 ? 300 : record.ttl;
  const name = `${record.name}.`;
  const dotted = (host: string) => (host.endsWith('.') ? host : `${host}.`);
  const { type, content, data, priority } = record;
  switch (type) {
    case 'TXT':
      return `${name} ${ttl} IN TXT ${zoneFileTxt(content)}`;
    case 'MX':
      return `${name} ${ttl} IN MX ${priority} ${dotted(content)}`;
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return `${name} ${ttl} IN ${type} ${dotted(content)}`;
    case 'SRV':
      return `${name} ${ttl} IN SRV ${data?.priority} ${data?.weight} ${data?.port} ${dotted(String(data?.target))}`;
    default:
      return `${name} ${ttl} IN ${type} ${content}`;
  }
}

function reverseZone(
  pointers: Record<string, string>,
  serial: number,
  label: (ip: string) => string | undefined,
): string {
  const lines = Object.entries(pointers).flatMap(([ip, name]) => {
    const owner = label(ip);
    return owner ? [`${owner} 60 IN PTR ${name}.`] : [];
  });
  return [soa(serial), '@ 60 IN NS ns.sandbox.test.', ...lines].join('\n');
}

/** The nibbles of an IPv6 address, last first, dotted (RFC 3596 §2.5). */
export function nibbles(ip: string): string {
  const [head = '', tail = ''] = ip.split('::');
  const parts = (text: string) => (text === '' ? [] : text.split(':'));
  const missing = 8 - parts(head).length - parts(tail).length;
  const groups = [...parts(head), ...(ip.includes('::') ? Array(missing).fill('0') : []), ...parts(tail)];
  return groups
    .map((group) => group.padStart(4, '0'))
    .join('')
    .split('')
    .reverse()
    .join('.');
}
