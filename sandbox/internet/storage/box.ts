import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sandboxDir } from '../../host/paths.ts';
import { network } from '../../machine/network.ts';
import { boxName, boxPort, boxUser, readPublicKey, type SftpAccount } from './names.ts';

/**
 * A Storage Box: OpenSSH in the internet's container, which gives one user SFTP in a folder of its own and nothing else.
 * The user may write in `/home` and not in `/`, as at Hetzner.
 */
const folder = join(sandboxDir, 'internet', 'box');
const home = join(folder, 'root', 'home');
const keysFile = join(folder, 'authorized_keys');
/** Any number that Debian gives to no one. */
const uid = 2300;

export const sshdConfig = [
  `Port ${boxPort}`,
  `ListenAddress ${network.internetIpv4}`,
  'HostKey /internet/box/host_key',
  'PidFile none',
  'UsePAM no',
  // Since OpenSSH 9.8 an address that failed is refused for a while, which would make tests depend on each other.
  'PerSourcePenalties no',
  `AllowUsers ${boxUser}`,
  'AuthenticationMethods publickey',
  'AuthorizedKeysFile /internet/box/authorized_keys',
  'ChrootDirectory /internet/box/root',
  'Subsystem sftp internal-sftp',
  'ForceCommand internal-sftp -d /home',
  'DisableForwarding yes',
  'PermitTTY no',
  '',
].join('\n');

/**
 * Prepares the folder and starts the server, as part of the container's start script. sshd refuses folders and keys that
 * others could change, and reads the keys as the user whose they are.
 */
export const startBox = `mkdir -p /run/sshd /internet/box/root/home
touch /internet/box/authorized_keys
chmod 755 /internet /internet/box /internet/box/root
chmod 644 /internet/box/authorized_keys
[ -f /internet/box/host_key ] || ssh-keygen -q -t ed25519 -N '' -C '' -f /internet/box/host_key
useradd --no-create-home --uid ${uid} --home-dir /home --shell /usr/sbin/nologin --password '*' ${boxUser}
chown ${uid}:${uid} /internet/box/root/home
/usr/sbin/sshd -D -f /internet/sshd_config &`;

/** Lets a public key (a line as in `id_ed25519.pub`) into the box. Others that were let in stay. */
export function createSftpAccount(key: unknown): SftpAccount {
  appendFileSync(keysFile, `${readPublicKey(key)}\n`);
  const hostKey = readFileSync(join(folder, 'host_key.pub'), 'utf8').trim();
  return { host: boxName, port: boxPort, user: boxUser, hostKey };
}

/** Deletes the files of the box and closes it to all keys. */
export function emptyBox(): void {
  for (const each of readdirSync(home)) rmSync(join(home, each), { recursive: true });
  writeFileSync(keysFile, '');
}
