import { ports } from '../host/ports.ts';
import { network } from '../machine/network.ts';
import { rdapBootstrapName, rdapName } from '../registrar/rdap.ts';
import { policyHost } from './foreign-mail/names.ts';
import { allRegistryNames } from './registries/names.ts';
import { startBox } from './storage/box.ts';
import { storageName } from './storage/names.ts';
import { acmeHost, authorityIpv4 } from './zones.ts';

/** The file of a zone, in `/internet/zones`. */
export const fileName = (zone: string): string => (zone === '.' ? 'root.zone' : `${zone}zone`);

/** How a zone is signed: with which key, and what it tells the zone above about that key (RFC 7344, RFC 8078). */
export interface Signing {
  /** As PEM. */
  privateKey: string;
  /** What CDS and CDNSKEY say: nothing, "this is my key", or "delete what you have". */
  tellsParent: 'nothing' | 'key' | 'delete';
}

const policies = { nothing: 'none', key: 'always', delete: 'delete-dnssec' } as const;

/** Knot DNS, the authoritative name server of every zone. `signed` has those that it signs. */
export function knotConf(zones: string[], signed: Record<string, Signing>): string {
  const signing = (zone: string) => {
    const how = signed[zone];
    return how ? ['    dnssec-signing: on', `    dnssec-policy: ${how.tellsParent}`] : [];
  };
  return [
    'server:',
    `    listen: ${authorityIpv4}@53`,
    '    rundir: /run/knot',
    'log:',
    '  - target: stderr',
    '    any: notice',
    'database:',
    '    storage: /run/knot',
    'policy:',
    // Keys are given to it (importKeys), and it replaces none.
    ...Object.entries(policies).flatMap(([id, publish]) => [
      `  - id: ${id}`,
      '    manual: on',
      '    single-type-signing: on',
      '    algorithm: ecdsap256sha256',
      '    dnskey-ttl: 60',
      `    cds-cdnskey-publish: ${publish}`,
    ]),
    'template:',
    '  - id: default',
    '    storage: /internet/zones',
    '    zonefile-sync: -1',
    '    zonefile-load: whole',
    '    journal-content: none',
    '    semantic-checks: soft',
    'zone:',
    ...zones.flatMap((zone) => [`  - domain: ${zone}`, `    file: ${fileName(zone)}`, ...signing(zone)]),
    '',
  ].join('\n');
}

/** The file of a zone's key, in `/internet/keys`. */
export const keyFileName = (zone: string): string => (zone === '.' ? 'root.pem' : `${zone}pem`);

/** Gives Knot the keys that it does not have yet. Its key store lives as long as the container. */
export const importKeys = `#!/bin/bash
set -e
mkdir -p /run/knot/imported
for file in /internet/keys/*.pem; do
  name=$(basename $file pem)
  mark=/run/knot/imported/$name$(sha256sum < $file | cut -c 1-16)
  [ -e $mark ] && continue
  [ $name = root. ] && name=.
  keymgr -c /internet/knot.conf $name import-pem $file algorithm=13 ksk=yes zsk=yes > /dev/null
  touch $mark
done
`;

/** unbound, everybody's resolver: it validates, from the sandbox's own root down. */
export const unboundConf = `server:
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
  root-hints: /internet/dns/root.hints
  module-config: "validator iterator"
  trust-anchor-file: /internet/dns/root.key
  # Says in an answer why a name did not validate (RFC 8914).
  ede: yes
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
`;

/** Pebble, the certificate authority. */
export const pebbleConf = JSON.stringify({
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

const newKey = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
const acmeNames = [
  `DNS:${acmeHost}`,
  ...[network.hostIpv4, network.internetIpv4, '127.0.0.1'].map((each) => `IP:${each}`),
];
const webNames = [...allRegistryNames, storageName, rdapName, rdapBootstrapName, policyHost].map(
  (name) => `DNS:${name}`,
);

/**
 * Certificates of the sandbox's own servers: a small authority, one for the ACME directory, one for all names of the web. One
 * is made again where its names are others than before.
 */
const makeTls = `mkdir -p /internet/tls; cd /internet/tls
[ -f ca.key ] || openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ca.key 2>/dev/null
# Python trusts no authority that doesn't say what its key is for (RFC 5280 §4.2.1.3). An older one keeps its key.
if ! openssl x509 -in ca.crt -noout -ext keyUsage 2>/dev/null | grep -q "Certificate Sign"; then
openssl req -x509 -key ca.key -days 3650 -out ca.crt -subj "/CN=OpenHaven sandbox, not for the real internet" -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
fi
certify() { # file, name, alternative names
if [ "$(cat $1.names 2>/dev/null)" != "$3" ]; then
openssl req ${newKey} -keyout $1.key -out $1.csr -subj "/CN=$2" 2>/dev/null
printf "subjectAltName=$3\\nauthorityKeyIdentifier=keyid" > ext
openssl x509 -req -in $1.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -extfile ext -out $1.crt 2>/dev/null
printf "$3" > $1.names
fi
}
certify acme ${acmeHost} ${acmeNames.join(',')}
certify web web.sandbox.test ${webNames.join(',')}`;

/** Passes a port of the internet's address on to the process behind the sandbox. */
const passOn = (port: number, to: number): string =>
  `socat TCP-LISTEN:${port},bind=${network.internetIpv4},fork,reuseaddr TCP:${network.hostIpv4}:${to} &`;

export const startScript = `#!/bin/bash
# Runs the daemons; when one ends, all end.
mkdir -p /run/knot
bash /internet/import-keys
${makeTls}
cd /
${startBox}
knotd -c /internet/knot.conf &
unbound -d -c /internet/unbound.conf &
PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 pebble -config /internet/pebble.json -dnsserver ${network.internetIpv4}:53 &
${passOn(443, ports.web)}
${passOn(80, ports.archive)}
wait -n
echo "a daemon of the outside internet has ended" >&2
exit 1
`;
