/**
 * The nftables table that keeps banned addresses out: of the ports of this cloud's services, never of SSH. Each service
 * has two sets of its own, because a ban of one service must not end with that of another. fail2ban writes their elements
 * (`core/bans/jail.ts`); the rest is the agent's, which changes it without touching an element.
 */
export const banTable = 'inet haven_bans';

export type AddressFamily = '4' | '6';
/** The names of a service's sets, by family. A family may also be a tag of fail2ban's. */
export const banSets =
  (service: string) =>
  (family: string): string =>
    `v${family}-${service}`;

/** The service and the family of a set; undefined for a set of another name. */
export function ofBanSet(name: string): { service: string; family: AddressFamily } | undefined {
  const [, family, service] = /^v([46])-([a-z][a-z0-9-]*)$/.exec(name) ?? [];
  return service === undefined ? undefined : { service, family: family as AddressFamily };
}

export interface PublicPort {
  port: number;
  protocol: 'tcp' | 'udp';
}

export interface BanTable {
  /** The services whose failed logins are counted. */
  services: string[];
  /** What a banned address can't reach. */
  ports: PublicPort[];
  /** Sets that exist and belong to no service any more. */
  leftovers?: string[];
}

/** The owner's way to the server stays open whatever they type at a service. */
const sshPort = 22;

/**
 * Before the tables of trials (-10) and Docker's (0). A banned visitor is refused at once, so that a browser says so instead
 * of waiting. What is forwarded by Docker has got the container's port by then, so the original one counts.
 */
export function renderBanTable({ services, ports, leftovers = [] }: BanTable): string {
  const open = ports.filter(({ port }) => port !== sshPort);
  const portsOf = (protocol: 'tcp' | 'udp') =>
    [...new Set(open.filter((each) => each.protocol === protocol).map(({ port }) => port))].sort(
      (a, b) => a - b,
    );
  const refusals = { tcp: 'reject with tcp reset', udp: 'reject' };
  const rules = (chain: string, port: string) =>
    services.flatMap((service) =>
      (['4', '6'] as const).flatMap((family) =>
        (['tcp', 'udp'] as const)
          .filter((protocol) => portsOf(protocol).length > 0)
          .map(
            (protocol) =>
              `add rule ${banTable} ${chain} meta l4proto ${protocol} ${port.replace('PROTOCOL', protocol)} { ${portsOf(protocol).join(', ')} } ${family === '4' ? 'ip' : 'ip6'} saddr @${banSets(service)(family)} ${refusals[protocol]}`,
          ),
      ),
    );
  const chain = (name: string) => [
    `add chain ${banTable} ${name} { type filter hook ${name} priority -15; policy accept; }`,
    `flush chain ${banTable} ${name}`,
  ];
  return [
    `add table ${banTable}`,
    ...chain('input'),
    ...chain('forward'),
    ...leftovers.map((name) => `delete set ${banTable} ${name}`),
    ...services.flatMap((service) => [
      `add set ${banTable} ${banSets(service)('4')} { type ipv4_addr; flags timeout; }`,
      `add set ${banTable} ${banSets(service)('6')} { type ipv6_addr; flags interval, timeout; }`,
    ]),
    // The server's own addresses.
    `add rule ${banTable} input iifname "lo" accept`,
    ...rules('input', 'PROTOCOL dport'),
    ...rules('forward', 'ct original proto-dst'),
    '',
  ].join('\n');
}
