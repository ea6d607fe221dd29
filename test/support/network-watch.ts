import type { CloudUnderTest } from '../e2e/cloud-under-test.ts';

/** What one place saw of connections (SYN packets), as "address port". */
export interface SeenConnections {
  /** Connections that the watched addresses tried to open, by their destination. */
  tried: string[];
  /** Those that left this place for another one. */
  forwarded: string[];
  /** What accepted a connection of theirs. */
  accepted: string[];
  /** What anyone else connected to: shows that this place is watched. */
  others: string[];
}

const names = ['tried', 'forwarded', 'accepted', 'others'] as const;

/** Before any other table looks at packets or changes them, and before an address is translated. */
const table = (addresses: string[]): string => `
table inet hostile_watch {
  set hostile { type ipv4_addr; elements = { ${addresses.join(', ')} }; }
${names.map((name) => `  set ${name} { type ipv4_addr . inet_service; size 131072; flags dynamic; }`).join('\n')}
  chain arriving {
    type filter hook prerouting priority -400; policy accept;
    ip saddr @hostile tcp flags & (syn | ack) == syn add @tried { ip daddr . tcp dport }
    ip saddr != @hostile tcp flags & (syn | ack) == syn add @others { ip daddr . tcp dport }
  }
  chain leaving {
    type filter hook postrouting priority -400; policy accept;
    ip saddr @hostile tcp flags & (syn | ack) == syn add @forwarded { ip daddr . tcp dport }
    ip daddr @hostile tcp flags & (syn | ack) == (syn | ack) add @accepted { ip saddr . tcp sport }
  }
}
`;

/** In the network of the server, and of each container that has a network of its own. */
const everywhere = `
pid() { docker inspect --format '{{.State.Pid}}' "$1"; }
own=$(docker ps --quiet | xargs docker inspect --format '{{.Name}} {{.HostConfig.NetworkMode}}' | grep -v ' host$' | cut -d ' ' -f 1 | cut -c 2-)
`;

/**
 * Watches, at the server and inside of the network of every container, what some addresses connect to: the victims' own
 * packets are counted, whatever the attacker says.
 */
export class NetworkWatch {
  readonly #cloud: CloudUnderTest;

  private constructor(cloud: CloudUnderTest) {
    this.#cloud = cloud;
  }

  static async begin(cloud: CloudUnderTest, addresses: string[]): Promise<NetworkWatch> {
    const watch = new NetworkWatch(cloud);
    await watch.end();
    await cloud.onServer(`${everywhere}
rules=$(cat <<'RULES'
${table(addresses)}
RULES
)
nft -f - <<< "$rules"
for each in $own; do nsenter --target "$(pid "$each")" --net nft -f - <<< "$rules"; done`);
    return watch;
  }

  /** By container; the server's own is called "server". */
  async seen(): Promise<Map<string, SeenConnections>> {
    const list = 'nft --json list table inet hostile_watch';
    const printed = await this.#cloud.onServer(`${everywhere}
echo "server $(${list})"
for each in $own; do echo "$each $(nsenter --target "$(pid "$each")" --net ${list} 2>/dev/null || echo '{"nftables":[]}')"; done`);
    return new Map(
      printed.split('\n').map((line) => {
        const at = line.indexOf(' ');
        return [line.slice(0, at), readSets(line.slice(at + 1))];
      }),
    );
  }

  async end(): Promise<void> {
    await this.#cloud.onServer(`${everywhere}
nft delete table inet hostile_watch 2>/dev/null || true
for each in $own; do nsenter --target "$(pid "$each")" --net nft delete table inet hostile_watch 2>/dev/null || true; done`);
  }
}

type Concat = { concat: [string, number] };
interface NftSet {
  name: string;
  elem?: (Concat | { elem: { val: Concat } })[];
}

function readSets(json: string): SeenConnections {
  const { nftables } = JSON.parse(json) as { nftables: { set?: NftSet }[] };
  const read = (name: string): string[] => {
    const found = nftables.find(({ set }) => set?.name === name)?.set?.elem ?? [];
    return found
      .map((each) => ('concat' in each ? each : each.elem.val).concat)
      .map(([address, port]) => `${address} ${port}`)
      .sort();
  };
  return Object.fromEntries(names.map((name) => [name, read(name)])) as unknown as SeenConnections;
}

/** Every container with a network of its own, by each of its addresses. */
export async function containerAddresses(cloud: CloudUnderTest): Promise<Map<string, string>> {
  const format = '{{.Name}}{{range .NetworkSettings.Networks}} {{.IPAddress}}{{end}}';
  const printed = await cloud.onServer(`docker ps --quiet | xargs docker inspect --format '${format}'`);
  return new Map(
    printed.split('\n').flatMap((line) => {
      const [name = '', ...addresses] = line.trim().split(/\s+/);
      return addresses.map((address) => [address, name.slice(1)] as const);
    }),
  );
}
