import { createHash } from 'node:crypto';
import { addedPackages } from '../../core/server-packages.ts';
import { run } from '../../system/run.ts';
import { dockerSocket, tryDocker } from '../machine/docker.ts';
import { debianMirror } from './debian-mirror.ts';

/** Packages of a sandbox server: what Hetzner's Debian 13 image brings and what the agent installs on it. */
const machinePackages =
  'systemd-sysv dbus openssh-server cloud-init sudo docker.io docker-cli docker-compose nodejs restic btrfs-progs ' +
  'systemd-timesyncd nftables iptables iproute2 conntrack util-linux procps ca-certificates curl unattended-upgrades ' +
  addedPackages.join(' ');

/** Packages of the outside internet: name server, resolver, certificate authority, registry, SFTP server, clients. */
const internetPackages =
  'knot knot-dnsutils unbound pebble docker-registry openssh-server ca-certificates iproute2 procps curl dnsutils openssl socat';

/** What is changed in a server's Debian after its packages are installed; `$1` is its root. */
const customise = [
  // Each machine makes its own host key and machine id; none is baked in.
  'rm -f "$1"/etc/ssh/ssh_host_* "$1"/etc/machine-id; touch "$1"/etc/machine-id',
  'rm -f "$1"/etc/resolv.conf',
  // Inside a container these only wait for hardware that isn't there.
  'chroot "$1" systemctl mask systemd-udevd.service systemd-networkd-wait-online.service getty.target ' +
    'apt-daily.timer apt-daily-upgrade.timer fstrim.timer e2scrub_all.timer console-getty.service',
  'chroot "$1" systemctl enable ssh.service docker.service',
  // The sandbox gives user data by file; no metadata service is asked.
  'mkdir -p "$1"/etc/cloud/cloud.cfg.d; printf "datasource_list: [NoCloud]\\nmanage_etc_hosts: false\\npreserve_hostname: false\\nnetwork: {config: disabled}\\n" > "$1"/etc/cloud/cloud.cfg.d/90-sandbox.cfg',
];

export const machineImage = (): string =>
  `openhaven/sandbox-machine:${textHash(machinePackages, ...customise)}`;
export const internetImage = (): string => `openhaven/sandbox-internet:${textHash(internetPackages)}`;

/** An image of the sandbox or of a service, named by what it is made from. */
export interface BuiltImage {
  /** `name:tag`, the tag being a hash of all that goes in. */
  reference: string;
}

export async function hasImage(reference: string): Promise<boolean> {
  return (await tryDocker(['image', 'inspect', '--format', '{{.Id}}', reference])).code === 0;
}

/** Debian 13 as a base image, under the name that our Dockerfiles use; made from packages where it can't be pulled. */
export async function ensureBase(): Promise<void> {
  if (await hasImage('debian:trixie-slim')) return;
  await bootstrap('debian:trixie-slim', 'ca-certificates', []);
}

/** The image of sandbox servers. */
export async function ensureMachineImage(): Promise<BuiltImage> {
  const reference = machineImage();
  if (!(await hasImage(reference))) await bootstrap(reference, machinePackages, customise);
  return { reference };
}

/** The image of the outside internet. */
export async function ensureInternetImage(): Promise<BuiltImage> {
  const reference = internetImage();
  if (!(await hasImage(reference))) await bootstrap(reference, internetPackages, []);
  return { reference };
}

export function textHash(...texts: string[]): string {
  return createHash('sha256').update(texts.join('\0')).digest('hex').slice(0, 12);
}

/** Makes an image of a Debian 13 root file system from packages. */
export async function bootstrap(reference: string, packages: string, customise: string[]): Promise<void> {
  const hooks = customise.map((command) => `--customize-hook=${command}`);
  const mirror = debianMirror();
  const host = await dockerSocket();
  const include = packages.trim().split(/\s+/).join(',');
  const command = [
    'set -o pipefail;',
    'mmdebstrap --quiet --variant=minbase --components=main',
    `--include=${include}`,
    `--aptopt='Acquire::Retries "3"'`,
    `--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*'`,
    '"$@" trixie -',
    ...(mirror ? [mirror] : []),
    `| docker -H unix://${host} import --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' --change 'CMD ["/bin/bash"]' - ${reference}`,
  ].join(' ');
  await run('bash', ['-c', command, 'bootstrap', ...hooks], { timeoutMs: 15 * 60_000 });
}
