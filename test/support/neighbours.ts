import type { CloudUnderTest } from '../e2e/cloud-under-test.ts';

/**
 * Connects to everything that listens, from inside the network of a container: to every port of every other container
 * at each of its addresses, and to every port of the server at each of its addresses. Returns what accepted, as
 * "slapd 636" or "server 443".
 */
export async function whatAccepts(cloud: CloudUnderTest, container: string): Promise<string[]> {
  const printed = await cloud.onServer(`
pid() { docker inspect --format '{{.State.Pid}}' "$1"; }
listening() { ss --no-header --listening --tcp --numeric "$@" | awk '{ print $4 }' | grep -v '^127\\.\\|^\\[::1\\]\\|%lo:' | sed 's/.*://' | sort -nu; }
each='{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}'
targets=$(
  for other in $(docker ps --format '{{.Names}}'); do
    [ "$other" = ${container} ] && continue
    [ "$(docker inspect --format '{{.HostConfig.NetworkMode}}' "$other")" = host ] && continue
    ports=$(nsenter --target "$(pid "$other")" --net bash -c "$(declare -f listening); listening")
    for address in $(docker inspect --format "$each" "$other"); do
      for port in $ports; do echo "$other $address $port"; done
    done
  done
  for address in $(ip -o address show | awk '{ print $4 }' | grep -v '^127\\.\\|^::1\\|^fe80' | cut -d / -f 1) 169.254.169.254; do
    for port in $(listening) 80; do echo "server $address $port"; done
  done
)
try() { timeout 2 bash -c "exec 3<>/dev/tcp/$2/$3" 2>/dev/null && echo "$1 $3"; }
export -f try
echo "tried $(echo "$targets" | wc -l)"
echo "$targets" | nsenter --target "$(pid ${container})" --net xargs --max-args 1 --max-procs 40 --delimiter '\\n' bash -c 'try $0' || true
`);
  const [first = '', ...accepted] = printed.split('\n');
  const tried = Number(first.replace('tried ', ''));
  if (!(tried > 50)) throw new Error(`Only ${tried} ports were tried:\n${printed}`);
  return [...new Set(accepted)].sort();
}
