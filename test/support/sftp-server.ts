import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { generateSshKey } from '../../core/ssh-key.ts';
import type { SftpLocation } from '../../system/sftp-files.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { freePort } from './go-program.ts';
import { scratch } from './scratch.ts';

/** OpenSSH's server on loopback, which gives the user of this process SFTP with one key, in a folder of the test. */
export async function startSftpServer({
  mayWrite = true,
} = {}): Promise<SftpLocation & { folder: string; close(): void }> {
  const root = scratch('sftp');
  const folder = join(root, 'home');
  mkdirSync(folder);
  const host = generateSshKey('host');
  const client = generateSshKey('client');
  const write = (name: string, text: string): string => {
    const file = join(root, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const port = await freePort();
  const config = write(
    'sshd_config',
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${write('host_key', host.private)}`,
      'PidFile none',
      'UsePAM no',
      // The folder is below /tmp, where everyone may write.
      'StrictModes no',
      'AuthenticationMethods publickey',
      `AuthorizedKeysFile ${write('authorized_keys', `${client.public}\n`)}`,
      'Subsystem sftp internal-sftp',
      `ForceCommand internal-sftp -d ${folder}${mayWrite ? '' : ' -R'}`,
      '',
    ].join('\n'),
  );
  // It leaves root's privileges in this folder, which Debian's service otherwise makes (sshd(8), "FILES").
  mkdirSync('/run/sshd', { recursive: true });
  const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], { stdio: 'ignore' });
  await waitUntil('sshd', () => listens(port));
  return {
    kind: 'sftp',
    host: '127.0.0.1',
    port,
    user: userInfo().username,
    hostKey: host.public,
    privateKey: client.private,
    folder,
    close: () => server.kill(),
  };
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
