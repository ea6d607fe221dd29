import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { SftpPlace } from '../../core/backups/backup-place.ts';
import { run } from '../../system/run.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { freePort } from './go-program.ts';

/** OpenSSH's own server on loopback, which lets one key in and offers SFTP in one folder. */
export class SftpServer {
  readonly place: SftpPlace;
  /** The private key that it lets in. */
  readonly key: string;
  /** Where its clients' files are. */
  readonly home: string;
  readonly #child: ChildProcess;

  private constructor(place: SftpPlace, key: string, home: string, child: ChildProcess) {
    this.place = place;
    this.key = key;
    this.home = home;
    this.#child = child;
  }

  /** `folder` is a new one for all of its files. Without `mayWrite`, its clients can only read. */
  static async start(folder: string, { mayWrite = true } = {}): Promise<SftpServer> {
    const home = join(folder, 'home');
    mkdirSync(home, { recursive: true });
    // Where sshd separates its privileges; Debian's unit makes it.
    mkdirSync('/run/sshd', { recursive: true });
    const host = await makeKey(join(folder, 'host'));
    const client = await makeKey(join(folder, 'client'));
    const port = await freePort();
    const settings = {
      Port: port,
      ListenAddress: '127.0.0.1',
      HostKey: join(folder, 'host'),
      PidFile: 'none',
      AuthorizedKeysFile: join(folder, 'client.pub'),
      StrictModes: 'no',
      UsePAM: 'no',
      PasswordAuthentication: 'no',
      Subsystem: `sftp internal-sftp -d ${home}${mayWrite ? '' : ' -R'}`,
    };
    const lines = Object.entries(settings).map(([key, value]) => `${key} ${value}\n`);
    writeFileSync(join(folder, 'sshd_config'), lines.join(''));
    const child = spawn('/usr/sbin/sshd', ['-D', '-f', join(folder, 'sshd_config')], { stdio: 'ignore' });
    await waitUntil('sshd', () => answers(port), { timeoutMs: 20_000, everyMs: 50 });
    const place = {
      kind: 'sftp',
      host: '127.0.0.1',
      port,
      user: 'root',
      hostKey: host.publicKey,
      folder: 'ada',
    };
    return new SftpServer({ ...place, kind: 'sftp' }, client.privateKey, home, child);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill();
    await ended;
  }
}

/** An Ed25519 key in a file, and beside it its public half. */
export async function makeKey(file: string): Promise<{ privateKey: string; publicKey: string }> {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
  return {
    privateKey: readFileSync(file, 'utf8'),
    publicKey: readFileSync(`${file}.pub`, 'utf8').trim(),
  };
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
