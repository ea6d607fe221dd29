import { wellKnownServers } from '../../core/mail/preflight.ts';
import { dsOf, publicKeyOf, renderDs } from '../dnssec/zone-key.ts';
import { cloudflareNameServers } from '../emulators/cloudflare/name-servers.ts';
import type { DnsRecord, Zone } from '../emulators/cloudflare/state.ts';
import { zoneFileTxt } from '../emulators/cloudflare/txt.ts';
import { network } from '../machine/network.ts';
import { rdapName } from '../registrar/rdap.ts';
import type { Domain } from '../registrar/registrar.ts';
import { mailDomain } from './foreign-mail/names.ts';

/** Where the authoritative server listens: beside the resolver, on an address of its own. */
export const authorityIpv4 = '198.51.100.4';
/** The made-up top-level domain under which sandbox domains live (RFC 6761 §6.2: never on the real internet). */
export const topLevel = 'test';
export const acmeHost = 'acme.sandbox.test';

const soa = (serial: number) =>
  `@ 60 IN SOA ns.sandbox.test. hostmaster.sandbox.test. ${serial} 3600 600 86400 1`;

/** The sandbox's own zones that are signed, so that a chain leads from the root to a customer's zone. */
export const ownSignedZones = ['.', `${topLevel}.`, 'sandbox.test.'] as const;

export const foreignMailZone = `${mailDomain}.`;

/** What the zones are written from. */
export interface InternetContent {
  /** The zones at the sandbox Cloudflare. */
  customers: Zone[];
  /** What the registry says of each domain, by name. */
  domains: Record<string, Domain>;
  /** The names that addresses point back to. */
  pointers: Record<string, string>;
  /** Names of the real internet, with their IPv4 addresses here. */
  names: Record<string, string>;
  /** The records of the foreign mail server's zone, once it was asked for. */
  foreignMail?: string;
  /** The keys of {@link ownSignedZones}, and of the foreign mail server's zone, as PEM. */
  ownKeys: Record<string, string>;
  serial: number;
}

/**
 * All zones of the sandbox's internet: root, top level, our own, reverse, and those at the sandbox Cloudflare. The root itself
 * knows the names of the real internet, without zones between. The reverse zones are not signed.
 */
export function zoneFiles({
  customers,
  domains,
  pointers,
  names,
  foreignMail,
  ownKeys,
  serial,
}: InternetContent): Record<string, string> {
  const files: Record<string, string> = {
    '.': [
      soa(serial),
      '@ 60 IN NS ns.sandbox.test.',
      ...delegation(`${topLevel}.`, ownKeys),
      ...Object.keys(reverseZones).map((zone) => `${zone} 60 IN NS ns.sandbox.test.`),
      ...Object.entries(names).map(([name, ipv4]) => `${name}. 60 IN A ${ipv4}`),
      // A server that looks whether mail leaves it finds one company's mail server, under the name of another.
      ...(foreignMail === undefined
        ? []
        : [
            `${wellKnownServers[0]}. 60 IN A ${network.mailIpv4}`,
            `${wellKnownServers[0]}. 60 IN AAAA ${network.mailIpv6}`,
          ]),
    ].join('\n'),
    'test.': [
      soa(serial),
      '@ 60 IN NS ns.sandbox.test.',
      ...delegation('sandbox.test.', ownKeys),
      ...(foreignMail === undefined ? [] : delegation(foreignMailZone, ownKeys)),
      ...Object.entries(domains).flatMap(([name, { nameServers, ds }]) => [
        ...nameServers.map((each) => `${name}. 60 IN NS ${each}.`),
        ...ds.map((each) => `${name}. 60 IN DS ${renderDs(each)}`),
      ]),
    ].join('\n'),
    'sandbox.test.': [
      soa(serial),
      '@ 60 IN NS ns',
      `ns 60 IN A ${authorityIpv4}`,
      ...cloudflareNameServers.map((each) => `${each}. 60 IN A ${authorityIpv4}`),
      `${rdapName}. 60 IN A ${network.internetIpv4}`,
      `acme 60 IN A ${network.hostIpv4}`,
      `acme 60 IN AAAA ${network.hostIpv6}`,
    ].join('\n'),
    ...(foreignMail === undefined
      ? {}
      : { [foreignMailZone]: [soa(serial), '@ 60 IN NS ns.sandbox.test.', foreignMail].join('\n') }),
    ...Object.fromEntries(
      Object.entries(reverseZones).map(([zone, label]) => [zone, reverseZone(pointers, serial, label)]),
    ),
  };
  for (const zone of customers) {
    // One name server answers for the zone above too, and would not refer to where such a domain is.
    if (isElsewhere(domains[zone.name])) continue;
    files[`${zone.name}.`] = [
      `@ 60 IN SOA ada.ns.sandbox.test. dns.sandbox.test. ${zone.serial} 3600 600 86400 1`,
      ...cloudflareNameServers.map((each) => `@ 60 IN NS ${each}.`),
      ...zone.records.map(zoneLine),
    ].join('\n');
  }
  return files;
}

/** Whether a domain's name servers are others than the sandbox's. */
function isElsewhere(domain: Domain | undefined): boolean {
  const ours: readonly string[] = cloudflareNameServers;
  return domain !== undefined && !domain.nameServers.some((each) => ours.includes(each));
}

/** What the zone above one of our own says about it: its name server, that server's address, and the DS of its key. */
function delegation(zone: string, keys: Record<string, string>): string[] {
  const key = keys[zone];
  if (key === undefined) throw new Error(`the sandbox has no key for the zone ${zone}`);
  return [
    `${zone} 60 IN NS ns.sandbox.test.`,
    `ns.sandbox.test. 60 IN A ${authorityIpv4}`,
    `${zone} 60 IN DS ${renderDs(dsOf(zone, publicKeyOf(key)))}`,
  ];
}

/** The reverse zones, and which label in them an address has. */
const reverseZones: Record<string, (ip: string) => string | undefined> = {
  '100.51.198.in-addr.arpa.': (ip) => (ip.includes('.') ? ip.split('.').pop() : undefined),
  'a.7.0.0.8.b.d.0.1.0.0.2.ip6.arpa.': (ip) => (ip.includes(':') ? nibbles(ip).slice(0, 39) : undefined),
};

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
