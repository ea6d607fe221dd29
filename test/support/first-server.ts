import { sandboxState } from '../../sandbox/control.ts';

/** The first server of the sandbox data centre: its machine, and the addresses that people reach it by. */
export async function firstServer(): Promise<{ machine: string; ipv4: string; ipv6: string }> {
  const { hetzner } = await sandboxState();
  const server = hetzner.servers[0]!;
  const addressOf = (id: number | null) => hetzner.primary_ips.find((each) => each.id === id)!.ip;
  return {
    machine: `server-${server.id}`,
    ipv4: addressOf(server.ipv4),
    ipv6: addressOf(server.ipv6).replace('::/64', '::1'),
  };
}
