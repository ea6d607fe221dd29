import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../../system/wait-until.ts';
import type { Zone } from '../emulators/cloudflare/api.ts';
import { docker, tryDocker } from '../machine/docker.ts';
import { giveIpv6, network } from '../machine/network.ts';
import { sandboxDir, webRootsFile } from '../paths.ts';
import { acmeHost, authorityIpv4, zoneFiles } from './zones.ts';

/**
 * The outside internet in one container: Knot DNS with every zone from the root down, unbound as everybody's resolver,
 * Pebble as the certificate authority. Its files lie in the sandbox's folder on this machine.
 */
export const internetContainer = 'haven-sandbox-internet';
const folder = join(sandboxDir, 'internet');
const zonesFolder = join(folder, 'zones');

const fileName = (zone: string): string => (zone === '.' ? 'root.zone' : `${zone}zone`);

let serial = Math.floor(Date.now() / 1000);

/** Writes all zones and makes the name server read them; not to be called again before it has ended. */
export async function publishZones(customers: Zone[], pointers: Record<string, string>): Promise<void> {
  mkdirSync(zonesFolder, { recursive: true });
  serial += 1;
  const files = zoneFiles(customers, pointers, serial);
  const names = new Set(Object.keys(files).map(fileName));
  for (const old of readdirSync(zonesFolder)) if (!names.has(old)) rmSync(join(zonesFolder, old));
  for (const [zone, text] of Object.entries(files))
    replaceFile(join(zonesFolder, fileName(zone)), `$ORIGIN ${zone}\n${text}\n`);
  replaceFile(join(folder, 'knot.conf'), knotConf(Object.keys(files)));
  if ((await tryDocker(['inspect', internetContainer])).code === 0) {
    const reload = await docker([
      'exec',
      internetContainer,
      'sh',
      '-c',
      'knotc -b reload && knotc -b zone-reload; unbound-control -c /internet/unbound.conf flush_zone . >/dev/null',
    ]);
    if (/error/i.test(reload.stderr)) throw new Error(`Knot refused a zone: ${reload.stderr.trim()}`);
  }
}

/** Knot maps the files that it reads into memory: one that is cut short under it kills it (SIGBUS). */
function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

function knotConf(zones: string[]): string {
  return [
    'server:',
    `    listen: ${authorityIpv4}@53`,
    '    rundir: /run/knot',
    'log:',
    '  - target: stderr',
    '    any: notice',
    'database:',
    '    storage: /run/knot',
    'template:',
    '  - id: default',
    '    storage: /internet/zones',
    '    zonefile-sync: -1',
    '    zonefile-load: whole',
    '    journal-content: none',
    '    semantic-checks: soft',
    'zone:',
    ...zones.flatMap((zone) => [`  - domain: ${zone}`, `    file: ${fileName(zone)}`]),
    '',
  ].join('\n');
}

const unboundConf = `server:
  interface: ${network.internetIpv4}
  interface: 127.0.0.1
  access-control: 0.0.0.0/0 allow
  do-daemonize: no
  username: ""
  chroot: ""
  directory: /run
  pidfile: ""
  use-syslog: no
  logfile: ""
  root-hints: /internet/root.hints
  module-config: "iterator"
  do-not-query-localhost: no
  do-ip6: no
  # A sandbox does not wait for caches; on the real internet a change takes as long as its TTL.
  cache-max-ttl: 1
  cache-max-negative-ttl: 1
  infra-host-ttl: 1
  local-zone: "test." nodefault
  local-zone: "100.51.198.in-addr.arpa." nodefault
  local-zone: "8.b.d.0.1.0.0.2.ip6.arpa." nodefault
remote-control:
  control-enable: yes
  control-interface: /run/unbound.ctl
  control-use-cert: no
stub-zone:
  name: "100.51.198.in-addr.arpa."
  stub-addr: ${authorityIpv4}
stub-zone:
  name: "a.7.0.0.8.b.d.0.1.0.0.2.ip6.arpa."
  stub-addr: ${authorityIpv4}
`;

const pebbleConf = JSON.stringify({
  pebble: {
    listenAddress: '0.0.0.0:14000',
    managementListenAddress: '0.0.0.0:15000',
    certificate: '/internet/tls/acme.crt',
    privateKey: '/internet/tls/acme.key',
    httpPort: 80,
    tlsPort: 443,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
  },
});

/** Certificates of the sandbox's own servers: a small authority, and one for the ACME directory. */
const makeTls = `mkdir -p /internet/tls; cd /internet/tls
if [ ! -f acme.crt ]; then
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -keyout ca.key -out ca.crt -subj "/CN=OpenHaven sandbox, not for the real internet" 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout acme.key -out acme.csr -subj "/CN=${acmeHost}" 2>/dev/null
printf "subjectAltName=DNS:${acmeHost},IP:${network.hostIpv4},IP:${network.internetIpv4},IP:127.0.0.1" > ext
openssl x509 -req -in acme.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -extfile ext -out acme.crt 2>/dev/null
fi`;

const start = `#!/bin/bash
# Runs the three daemons; when one ends, all end.
mkdir -p /run/knot
${makeTls}
cd /
knotd -c /internet/knot.conf &
unbound -d -c /internet/unbound.conf &
PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 pebble -config /internet/pebble.json -dnsserver ${network.internetIpv4}:53 &
wait -n
echo "a daemon of the outside internet has ended" >&2
exit 1
`;

export async function startInternet(image: string): Promise<void> {
  if ((await tryDocker(['inspect', '-f', '{{.State.Running}}', internetContainer])).stdout.trim() === 'true')
    return;
  await tryDocker(['rm', '-f', '-v', internetContainer]);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'knot.conf'))) await publishZones([], {});
  writeFileSync(
    join(folder, 'root.hints'),
    `. 3600 IN NS ns.sandbox.test.\nns.sandbox.test. 3600 IN A ${authorityIpv4}\n`,
  );
  writeFileSync(join(folder, 'unbound.conf'), unboundConf);
  writeFileSync(join(folder, 'pebble.json'), pebbleConf);
  writeFileSync(join(folder, 'start'), start, { mode: 0o755 });
  await docker([
    ...[
      'create',
      '--name',
      internetContainer,
      '--label',
      'openhaven.sandbox=internet',
      '--hostname',
      'internet',
    ],
    ...['--network', network.name, '--ip', network.internetIpv4, '--cap-add', 'NET_ADMIN'],
    ...['--sysctl', 'net.ipv6.conf.all.disable_ipv6=0', '-v', `${folder}:/internet`],
    ...[
      image,
      'bash',
      '-c',
      `ip addr add ${authorityIpv4}/24 dev eth0; echo nameserver ${network.internetIpv4} > /etc/resolv.conf; exec /internet/start`,
    ],
  ]);
  await docker(['start', internetContainer]);
  await giveIpv6(internetContainer, network.internetIpv6);
  await waitUntil('the outside internet (DNS and certificate authority)', async () => {
    const asked = await tryDocker([
      'exec',
      internetContainer,
      'sh',
      '-c',
      `dig +short @${network.internetIpv4} acme.sandbox.test && curl -sk --max-time 2 https://127.0.0.1:14000/dir`,
    ]);
    return asked.stdout.includes(network.hostIpv4) && asked.stdout.includes('newOrder');
  });
  await keepRoot();
}

/** Pebble makes itself a new root each time it starts; what older ones certified stays valid here. */
async function keepRoot(): Promise<void> {
  const asked = await docker(['exec', internetContainer, 'curl', '-sk', 'https://127.0.0.1:15000/roots/0']);
  const known = existsSync(webRootsFile) ? readFileSync(webRootsFile, 'utf8') : '';
  if (!known.includes(asked.stdout.trim())) writeFileSync(webRootsFile, known + asked.stdout);
}

/** A question to the sandbox's resolver, as dig(1) answers it. */
export async function dig(...question: string[]): Promise<string> {
  return (
    await docker(['exec', internetContainer, 'dig', '+short', `@${network.internetIpv4}`, ...question])
  ).stdout.trim();
}
