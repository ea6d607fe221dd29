import { operatorUid } from '../core/release/uids.ts';
import { addedPackages } from '../core/server-packages.ts';

/**
 * The first boot of a server: as small as possible and frozen, because a change here would replace the server. It
 * creates the user, pins the host key that we made, and installs one program that accepts the agent. The agent does
 * the rest, versioned.
 */
export interface FirstBoot {
  authorizedKey: string;
  /** OpenSSH private key. It is on the server before anyone can connect, so every connection can be pinned. */
  hostKeyPrivate: string;
  hostKeyPublic: string;
}

/** Packages of Debian 13 that the agent needs. */
export const serverPackages = [
  ...[
    'docker.io',
    'docker-cli',
    'docker-compose',
    'nodejs',
    'restic',
    'btrfs-progs',
    'nftables',
    'conntrack',
    'unattended-upgrades',
    'curl',
    'systemd-timesyncd',
    'sudo',
    ...addedPackages,
  ],
];

export const putCommand = '/usr/local/sbin/haven-put-agent';

/**
 * Takes an agent from standard input, complete or not at all. The agent then installs itself, unless a newer one is
 * there or a deploy is under way (`agent/server/install.ts`). Arguments: sha256, then `setup`'s.
 */
export const putAgent = `#!/bin/sh
set -eu
want=$1; shift
folder=/usr/local/lib/haven
mkdir -p "$folder"
draft=$(mktemp "$folder/.draft.XXXXXX.cjs")
trap 'rm -f "$draft"' EXIT
base64 -d | gunzip > "$draft"
got=$(sha256sum "$draft" | cut -d' ' -f1)
[ "$got" = "$want" ] || { echo "the agent arrived damaged: $got instead of $want" >&2; exit 1; }
for tries in $(seq 300); do command -v node >/dev/null && command -v docker >/dev/null && break; sleep 1; done
chmod 644 "$draft"; sync "$draft"
node "$draft" install "$draft" "$@"
`;

export function renderCloudInit({ authorizedKey, hostKeyPrivate, hostKeyPublic }: FirstBoot): string {
  const config = {
    users: [
      {
        name: 'haven',
        uid: operatorUid,
        shell: '/bin/bash',
        lock_passwd: true,
        ssh_authorized_keys: [authorizedKey.trim()],
        sudo: [`ALL=(root) NOPASSWD: /usr/local/bin/haven-agent, ${putCommand}`],
      },
    ],
    disable_root: true,
    ssh_pwauth: false,
    ssh_deletekeys: true,
    ssh_genkeytypes: [],
    ssh_keys: { ed25519_private: hostKeyPrivate, ed25519_public: hostKeyPublic },
    write_files: [{ path: putCommand, permissions: '0755', content: putAgent }],
    runcmd: [
      [
        'sh',
        '-c',
        `dpkg -s ${serverPackages.join(' ')} >/dev/null 2>&1 || { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends ${serverPackages.join(' ')}; }`,
      ],
    ],
  };
  // JSON is valid YAML, and needs no quoting by us.
  return `#cloud-config\n${JSON.stringify(config, null, 1)}\n`;
}
