import { run, tryRun } from '../../system/run.ts';
import { docker, tryDocker } from './docker.ts';

/**
 * the sandbox's internet: one bridge with addresses that are reserved for documentation, so that nothing real has
 * them (RFC 5737 TEST-NET-2, RFC 3849). The outside internet lives at .2, servers from .10 on.
 */
export const network = {
  name: 'haven-sandbox',
  bridge: 'haven-sandbox',
  ipv4: '198.51.100.0/24',
  /** What Docker gives to containers that ask for no address: none of those that are named here or given to servers. */
  anyIpv4: '198.51.100.224/28',
  ipv6: '2001:db8:7a::/48',
  /** This machine itself, as the machines see it: here Hetzner's and Cloudflare's APIs listen. */
  hostIpv4: '198.51.100.1',
  hostIpv6: '2001:db8:7a::1',
  /** Name server, resolver, certificate authority. */
  internetIpv4: '198.51.100.2',
  internetIpv6: '2001:db8:7a::2',
  /** A visitor's computer elsewhere on the internet. */
  visitorIpv4: '198.51.100.3',
  visitorIpv6: '2001:db8:7a::3',
  /** The mail server of another company. */
  mailIpv4: '198.51.100.5',
  mailIpv6: '2001:db8:7a::5',
  /** A company's relay, which sends the email of its customers. */
  relayIpv4: '198.51.100.6',
  relayIpv6: '2001:db8:7a::6',
  /** A computer with mail programs. Docker would give it the name server's second address, of which it does not know. */
  mailVisitorIpv4: '198.51.100.7',
  mailVisitorIpv6: '2001:db8:7a::7',
  /** A computer with a browser, without IPv6. */
  browserIpv4: '198.51.100.8',
} as const;

/** The n-th server address: IPv4, and a /64 of its own as Hetzner gives it. */
export function serverAddresses(n: number): { ipv4: string; ipv6Network: string; ipv6: string } {
  const prefix = `2001:db8:7a:${(0x10 + n).toString(16)}::`;
  return { ipv4: `198.51.100.${10 + n}`, ipv6Network: `${prefix}/64`, ipv6: `${prefix}1` };
}

/** A visitor of the n-th server, so that tests with mail programs of their own run beside each other. */
export const mailVisitorAddresses = (n: number): { ipv4: string; ipv6: string } => ({
  ipv4: `198.51.100.${150 + n}`,
  ipv6: `2001:db8:7a::${(0x1000 + n).toString(16)}`,
});

export async function ensureNetwork(): Promise<void> {
  const there = await tryDocker(['network', 'inspect', network.name]);
  if (there.code !== 0) await createNetwork();
  // IPv6 is ours to give: Docker 20.10 can't hand out addresses beyond the first /64 of a larger prefix.
  await run('sysctl', ['-qw', `net.ipv6.conf.${network.bridge}.disable_ipv6=0`]);
  await run('ip', ['-6', 'addr', 'replace', `${network.hostIpv6}/48`, 'dev', network.bridge, 'nodad']);
}

async function createNetwork(): Promise<void> {
  const routes = await tryRun('ip', ['route', 'show', 'to', 'match', '198.51.100.0/24']);
  const taken = routes.stdout.split('\n').find((line) => line.startsWith('198.51.100'));
  if (taken) {
    throw new Error(
      `The sandbox needs the addresses 198.51.100.0/24, but this machine already routes them: ${taken}\n` +
        'Remove that route, or run the sandbox on another machine.',
    );
  }
  await docker([
    ...['network', 'create', '--driver', 'bridge'],
    ...['--subnet', network.ipv4, '--ip-range', network.anyIpv4, '--gateway', network.hostIpv4],
    ...['-o', `com.docker.network.bridge.name=${network.bridge}`],
    network.name,
  ]);
}

/** Removes the bridge that a stopped Docker engine leaves behind. The engine creates it again when it starts. */
export async function removeBridge(): Promise<void> {
  const there = await tryRun('ip', ['link', 'show', network.bridge]);
  if (there.code === 0) await run('ip', ['link', 'delete', network.bridge]);
}

export async function removeNetwork(): Promise<void> {
  const removed = await tryDocker(['network', 'rm', network.name]);
  if (removed.code !== 0 && !/not found|No such network/i.test(removed.stderr))
    throw new Error(removed.stderr.trim());
}

/** Words before a command of this machine that let it run in the network of a running container. */
export async function inNetworkOf(container: string): Promise<string[]> {
  const { stdout } = await docker(['inspect', '-f', '{{.State.Pid}}', container]);
  return ['nsenter', '-t', stdout.trim(), '-n'];
}

/** Gives a running container of the sandbox its IPv6 address, from outside, as a data centre's router would. */
export async function giveIpv6(container: string, address: string): Promise<void> {
  const [enter = '', ...there] = await inNetworkOf(container);
  const inside = (args: string[]) => run(enter, [...there, 'ip', '-6', ...args]);
  await inside(['addr', 'replace', `${address}/48`, 'dev', 'eth0', 'nodad']);
  await inside(['route', 'replace', 'default', 'via', network.hostIpv6]);
}
