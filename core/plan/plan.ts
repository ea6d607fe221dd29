import type { HavenConfig } from '../config/config-schema.ts';
import { chosenServices, dependenciesOf, isProtected, reverseProxy } from '../config/dependencies.ts';
import { hostOf } from '../config/host-name.ts';
import type { Pins } from '../config/pins.ts';
import { isStub } from '../release/image-references.ts';
import { type Bundle, releaseHash } from '../release/release.ts';
import { loopbackPort, renderRelease } from '../release/render-release.ts';
import type { Catalogue, Neighbour, ServiceContext, ServiceDefinition } from '../service.ts';
import { ldap } from '../users/ldap.ts';

/**
 * Everything that shall exist, as plain data. A pure function of haven.yaml, the catalogue, haven.lock and the time.
 * It holds names of secrets and of outputs (an address, a key), never the values, so it
 * can be printed, compared and kept.
 */
export interface Plan {
  haven: { id: string; domain: string; owner: { name: string; email: string } };
  server: { key: string; provider: string; type: string; location: string; image: string; hostName: string };
  volume: { sizeGb: number };
  firewall: FirewallRule[];
  zones: { name: string; dns: 'cloudflare' | 'manual' }[];
  records: PlannedRecord[];
  certificates: PlannedCertificate[];
  releases: PlannedRelease[];
}

export interface FirewallRule {
  protocol: 'tcp' | 'udp' | 'icmp';
  port?: string;
  reason: string;
}

/** A value that is known when the plan is made, or the name of an output, which is known only during deployment. */
export type PlannedValue = { literal: string } | { output: OutputName };
export type OutputName = 'ipv4' | 'ipv6' | 'acme-account' | `tlsa-${KeySlot}:${string}`;
/** A certificate has two keys, one in use and the next: in slot `a` those of odd generations, in `b` those of even ones. */
export type KeySlot = 'a' | 'b';

export interface PlannedRecord {
  zone: string;
  name: string;
  type: 'A' | 'AAAA' | 'CAA' | 'TLSA' | 'TXT';
  /** For CAA the text before `accounturi=`. */
  value: PlannedValue;
  ttlSeconds: number;
  /** Which it is, where more than one stands at a name and type. */
  slot?: KeySlot;
  /** Why it is there, with its RFC. */
  reason: string;
  /** `early`: needed before anything can be reached or certified; `live`: said only when it is true. */
  stage: 'early' | 'live';
}

export interface PlannedCertificate {
  host: string;
  method: 'http-01';
  /** Which key is in use: 1 is the first, and each roll takes the next. */
  keyGeneration: number;
}

export interface PlannedRelease {
  service: string;
  hash: string;
  bundle: Bundle;
  /** Held by `haven rollback`; goes on only when it is released. */
  held: boolean;
  /** Services that give what it needs, and must stand before it. */
  after: string[];
}

export { reverseProxy };

export function buildPlan(
  config: HavenConfig,
  catalogue: Catalogue,
  pins: Pins,
  held: Record<string, Bundle> = {},
): Plan {
  const domain = config.domains[0]!.name;
  const chosen = chosenServices(config, catalogue);
  const shared = sharedContext(config, catalogue, chosen, pins);
  const releases = chosen.map((id) => planRelease(id, config, catalogue, pins, held, shared));
  refuseSharedPorts(chosen, catalogue);
  const hosts = releases.flatMap((each) => each.bundle.release.routes.map((route) => route.host));
  const hostName = `haven.${domain}`;
  return {
    haven: { id: config.id, domain, owner: config.owner },
    server: {
      key: 'a',
      provider: config.server.provider,
      type: config.server.type,
      location: config.server.location,
      image: 'debian-13',
      hostName,
    },
    volume: { sizeGb: config.server.diskGb },
    firewall: planFirewall(releases),
    zones: config.domains,
    records: planRecords(config, hostName, hosts),
    certificates: hosts.map((host) => ({
      host,
      method: 'http-01',
      keyGeneration: pins.keys?.[host] ?? 1,
    })),
    releases,
  };
}

function planRelease(
  id: string,
  config: HavenConfig,
  catalogue: Catalogue,
  pins: Pins,
  held: Record<string, Bundle>,
  shared: SharedContext,
): PlannedRelease {
  const entry = catalogue.get(id)!;
  const { definition } = entry;
  const after = [
    ...dependenciesOf(definition, catalogue),
    ...(shared.authProxy && config.services[id] && isProtected(config.services[id])
      ? [shared.authProxy]
      : []),
  ];
  const heldBundle = held[id];
  if (heldBundle)
    return { service: id, hash: releaseHash(heldBundle), bundle: heldBundle, held: true, after };
  const route = definition.needs?.route;
  const bundle = renderRelease({
    service: definition,
    compose: entry.compose,
    files: entry.files,
    options: config.services[id]?.options ?? definition.options.parse({}),
    context: {
      domain: config.services[id]?.domain ?? config.domains[0]!.name,
      host: route ? hostOf(config, id, route.subdomain) : undefined,
      loginHost: shared.loginHost,
      protected: protectionOf(definition, accessOf(id, config, catalogue), shared),
      ...(definition.needs?.authProxy ? { neighbours: shared.neighbours, titles: shared.titles } : {}),
      ...(definition.provides === 'auth-proxy' ? { protectedHosts: shared.protectedHosts } : {}),
      owner: config.owner,
      sending: config.sending,
      timeZone: config.timeZone,
    },
    images: pins.images[id] ?? {},
    generations: pins.generations?.[id],
    given: pins.given,
  });
  return { service: id, hash: releaseHash(bundle), bundle, held: false, after };
}

/** What services know of each other: where the login is, what the auth proxy protects. */
interface SharedContext {
  loginHost: string | undefined;
  authProxy: string | undefined;
  authProxyPort: number;
  protectedHosts: string[];
  neighbours: Neighbour[];
  titles: Record<string, string>;
}

function sharedContext(
  config: HavenConfig,
  catalogue: Catalogue,
  chosen: string[],
  pins: Pins,
): SharedContext {
  const provider = (what: ServiceDefinition['provides']) =>
    chosen.map((id) => catalogue.get(id)!.definition).find((each) => each.provides === what);
  const host = (definition: ServiceDefinition | undefined): string[] =>
    definition?.needs?.route ? [hostOf(config, definition.id, definition.needs.route.subdomain)] : [];
  const authProxy = provider('auth-proxy');
  const protectedIds = chosen.filter((id) => accessOf(id, config, catalogue) !== 'public');
  return {
    loginHost: host(provider('login'))[0],
    authProxy: authProxy?.id,
    authProxyPort: authProxy ? loopbackPort(authProxy, 'http') : 0,
    protectedHosts: protectedIds.flatMap((id) => host(catalogue.get(id)?.definition)).sort(),
    titles: Object.fromEntries(chosen.map((id) => [id, catalogue.get(id)!.definition.title])),
    neighbours: chosen.flatMap((id) => {
      const { title, summary, summaryDe, needs } = catalogue.get(id)!.definition;
      const [name] = host(catalogue.get(id)!.definition);
      // The login is reached by whatever asks for it; who shows the others does not show itself.
      if (!name || needs?.authProxy || id === provider('login')?.id) return [];
      const stub = Object.values(pins.images[id] ?? {}).some(isStub);
      const shown = {
        id,
        title,
        summary: { en: summary, de: summaryDe ?? summary },
        url: `https://${name}/`,
      };
      const takesAppPasswords = needs?.ldap === 'readers';
      return [{ ...shown, ...(stub ? { stub } : {}), ...(takesAppPasswords ? { takesAppPasswords } : {}) }];
    }),
  };
}

/** Who may open a service's pages without a login of its own. */
function accessOf(id: string, config: HavenConfig, catalogue: Catalogue): 'public' | 'users' | 'admins' {
  return catalogue.get(id)?.definition.needs?.authProxy ?? config.services[id]?.access ?? 'public';
}

function protectionOf(
  definition: ServiceDefinition,
  access: 'public' | 'users' | 'admins',
  { authProxyPort }: SharedContext,
): ServiceContext['protected'] {
  if (access === 'public') return undefined;
  const publicPaths = definition.needs?.route?.publicPaths;
  return {
    authProxyPort,
    ...(access === 'admins' ? { group: ldap.admins } : {}),
    ...(publicPaths ? { publicPaths } : {}),
  };
}

function planFirewall(releases: PlannedRelease[]): FirewallRule[] {
  const rules: FirewallRule[] = [
    { protocol: 'icmp', reason: 'Path MTU discovery and errors (RFC 4890 §4.3.1); ping.' },
    { protocol: 'tcp', port: '22', reason: 'SSH, keys only: how the agent is told what to do.' },
  ];
  for (const { service, bundle } of releases) {
    const { network, tcpRoutes = [] } = bundle.release;
    for (const route of tcpRoutes)
      rules.push({ protocol: 'tcp', port: String(route.public), reason: service });
    if (network.kind !== 'host') continue;
    for (const { protocol, port } of network.ports)
      rules.push({ protocol, port: String(port), reason: service });
  }
  return rules;
}

function planRecords(config: HavenConfig, hostName: string, hosts: string[]): PlannedRecord[] {
  const zoneOf = (name: string) =>
    config.domains
      .map((each) => each.name)
      .filter((zone) => name === zone || name.endsWith(`.${zone}`))
      .sort((a, b) => b.length - a.length)[0]!;
  const record = (
    name: string,
    type: PlannedRecord['type'],
    value: PlannedValue,
    stage: PlannedRecord['stage'],
    reason: string,
  ): PlannedRecord => ({ zone: zoneOf(name), name, type, value, ttlSeconds: 300, reason, stage });
  const addresses = (name: string, reason: string) => [
    record(name, 'A', { output: 'ipv4' }, 'early', `${reason} (RFC 1035 §3.4.1).`),
    record(name, 'AAAA', { output: 'ipv6' }, 'early', `${reason} (RFC 3596 §2.1).`),
  ];
  return [
    ...addresses(hostName, 'The server itself; its addresses point back to this name'),
    ...hosts.flatMap((host) => [
      ...addresses(host, 'Leads to the reverse proxy'),
      record(
        host,
        'CAA',
        { output: 'acme-account' },
        'live',
        'Only your own account at the certificate authority may certify this name (RFC 8659, RFC 8657 §3).',
      ),
      ...(['a', 'b'] as const).map((slot) => ({
        ...record(
          `_443._tcp.${host}`,
          'TLSA',
          { output: `tlsa-${slot}:${host}` },
          'live',
          'One of two keys: the one that this name answers with, and the next one, known before it is used; counts where the zone is signed (RFC 6698, RFC 7671 §5.1, §8.1).',
        ),
        slot,
      })),
    ]),
  ];
}

/**
 * Two ports that meet: published ones on loopback, which their hash makes rare and not impossible, and those that are
 * open to the internet.
 */
function refuseSharedPorts(chosen: string[], catalogue: Catalogue): void {
  const seen = new Map<string, string>();
  const take = (address: string, who: string): void => {
    const other = seen.get(address);
    if (other)
      throw new Error(`${who} and ${other} would both listen on ${address}. Change one in its service.ts.`);
    seen.set(address, who);
  };
  for (const id of chosen) {
    const { definition } = catalogue.get(id)!;
    for (const name of Object.keys(definition.ports ?? {}))
      take(`127.0.0.1:${loopbackPort(definition, name)}`, `${id}/${name}`);
    for (const { public: port, port: name } of definition.needs?.tcp ?? [])
      take(`tcp port ${port}`, `${id}/${name}`);
    for (const { port, protocol } of definition.hostNetwork?.ports ?? [])
      take(`${protocol} port ${port}`, `${id}/${port}`);
  }
}
