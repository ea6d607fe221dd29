import { dirname } from 'node:path/posix';
import ssh2 from 'ssh2';
import { lookUp } from './look-up.ts';
import { networkFault } from './network-fault.ts';
import { PlaceFault, placeLimits } from './place-fault.ts';

/** A user's files on a server with SFTP, and the key that lets in. */
export interface SftpLocation {
  kind: 'sftp';
  host: string;
  port: number;
  user: string;
  /** The server's public key, `ssh-ed25519 AAAA…`: any other is refused before anything is sent. */
  hostKey: string;
  /** As OpenSSH writes it, without a passphrase. */
  privateKey: string;
}

/** Files over one connection, which ends after `work`, or after the time limit. */
export async function withSftpFiles<T>(at: SftpLocation, work: (files: SftpFiles) => Promise<T>): Promise<T> {
  const client = new ssh2.Client();
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    limit = setTimeout(() => reject(silent(at)), placeLimits.fileMs);
  });
  const doing = logIn(client, at).then((sftp) => work(new SftpFiles(sftp)));
  try {
    return await Promise.race([doing, late]);
  } finally {
    clearTimeout(limit);
    // What still waits is not used any more.
    doing.catch(() => undefined);
    client.destroy();
  }
}

const silent = ({ host }: SftpLocation): PlaceFault =>
  new PlaceFault('unreachable', `can't be reached: ${host} does not answer.`);

async function logIn(client: ssh2.Client, at: SftpLocation): Promise<ssh2.SFTPWrapper> {
  const { host, port, user, hostKey, privateKey } = at;
  const [type = '', expected = ''] = hostKey.trim().split(/\s+/);
  const address = await addressOf(host);
  let isOther = false;
  return new Promise((resolve, reject) => {
    client.on('error', (error) => reject(isOther ? new PlaceFault('other-host') : faultOf(error, at)));
    client.on('ready', () =>
      client.sftp((error, sftp) => (error ? reject(faultOf(error, at)) : resolve(sftp))),
    );
    client.connect({
      host: address,
      port,
      username: user,
      privateKey,
      readyTimeout: placeLimits.fileMs,
      algorithms: { serverHostKey: signaturesOf(type) },
      hostVerifier: (key: Buffer) => {
        isOther = !key.equals(Buffer.from(expected, 'base64'));
        return !isOther;
      },
    });
  });
}

/** In a sandbox its own name server is asked. */
async function addressOf(host: string): Promise<string> {
  if (!process.env.HAVEN_RESOLVER) return host;
  const [address] = await lookUp(host, 'A');
  if (address !== undefined) return address;
  throw new PlaceFault('unreachable', `can't be reached: no name server knows ${host}.`);
}

/** The signatures that a key of this type makes: an RSA key also those with SHA-2 (RFC 8332 §3). */
const signaturesOf = (type: string): ssh2.ServerHostKeyAlgorithm[] => {
  switch (type) {
    case 'ssh-rsa':
      return ['rsa-sha2-512', 'rsa-sha2-256'];
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521':
      return [type];
    default:
      return ['ssh-ed25519'];
  }
};

/** ssh2 has texts of its own, beside errors of Node's sockets. */
function faultOf(error: Error, { host }: SftpLocation): PlaceFault {
  const fault = networkFault(error, host);
  if (fault !== undefined) return new PlaceFault('unreachable', fault);
  const { message } = error;
  if (/authentication methods failed/.test(message)) return new PlaceFault('key-refused');
  if (/no matching host key/i.test(message)) return new PlaceFault('other-host');
  if (/timed out/i.test(message))
    return new PlaceFault('unreachable', `can't be reached: ${host} does not answer.`);
  if (/connection lost|before handshake|handshake|protocol/i.test(message))
    return new PlaceFault(
      'unreachable',
      `can't be reached: ${host} ended the connection, or does not speak SSH.`,
    );
  return new PlaceFault('refused', message);
}

/** A server's answer, by its number (draft-ietf-secsh-filexfer-02 §7). */
const noSuchFile = 2;
const permissionDenied = 3;

export class SftpFiles {
  readonly #sftp: ssh2.SFTPWrapper;

  constructor(sftp: ssh2.SFTPWrapper) {
    this.#sftp = sftp;
  }

  /** Beside the file first: a connection that is cut off leaves what was there. */
  async put(path: string, content: Uint8Array): Promise<void> {
    await this.#makeFolders(dirname(path));
    const draft = `${path}.new`;
    await this.#call((done) => this.#sftp.writeFile(draft, Buffer.from(content), { mode: 0o600 }, done));
    await this.#call((done) => this.#sftp.ext_openssh_rename(draft, path, done));
  }

  async get(path: string): Promise<Uint8Array> {
    return this.#call<Buffer>((done) => this.#sftp.readFile(path, done));
  }

  /** The names in the folder that the user begins in. */
  async list(): Promise<string[]> {
    const found = await this.#call<ssh2.FileEntryWithStats[]>((done) => this.#sftp.readdir('.', done));
    return found.map(({ filename }) => filename);
  }

  async #makeFolders(folder: string): Promise<void> {
    if (folder === '.' || folder === '/' || (await this.#exists(folder))) return;
    await this.#makeFolders(dirname(folder));
    await this.#call((done) => this.#sftp.mkdir(folder, done));
  }

  async #exists(path: string): Promise<boolean> {
    try {
      await this.#call<ssh2.Stats>((done) => this.#sftp.stat(path, done));
      return true;
    } catch (error) {
      if (error instanceof PlaceFault && error.kind === 'no-file') return false;
      throw error;
    }
  }

  #call<T = void>(ask: (done: (error: Error | null | undefined, answer?: T) => void) => unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      ask((error, answer) => (error ? reject(answerFault(error)) : resolve(answer as T)));
    });
  }
}

function answerFault(error: Error & { code?: unknown }): PlaceFault {
  // What ssh2 answers to everything that still waits when a connection ends.
  if (/^No response from server/.test(error.message))
    return new PlaceFault('unreachable', "can't be reached: the connection was lost.");
  if (error.code === noSuchFile) return new PlaceFault('no-file');
  if (error.code === permissionDenied) return new PlaceFault('denied');
  return new PlaceFault('refused', error.message);
}
