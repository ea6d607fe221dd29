import { setTimeout as sleep } from 'node:timers/promises';
import ssh2 from 'ssh2';
import { networkFault } from './network-fault.ts';

/** Where a server is reached, and how to recognize that it is the right one. */
export interface SshTarget {
  host: string;
  user: string;
  privateKey: string;
  /** The server's public key as in authorized_keys (`ssh-ed25519 AAAA...`); any other key is refused. */
  hostKey: string;
  port?: number;
}

export interface SshResult {
  stdout: string;
  stderr: string;
  code: number;
}

/** How long one attempt to connect may take, until the other side's key is checked. */
export const sshLimits = { handshakeMs: 10_000 };

/** No connection, so nothing is known about the server. */
export class NoConnection extends Error {
  /** What to do, if it is not to look whether the server is running. */
  readonly remedy: string | undefined;

  constructor(message: string, remedy?: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** Opens a connection. Throws {@link NoConnection}. Retries until `patienceMs` is over, because a new server needs a moment before it listens. */
export async function connect(target: SshTarget, patienceMs = 60_000): Promise<ssh2.Client> {
  const end = Date.now() + patienceMs;
  for (;;) {
    try {
      return await dial(target);
    } catch (error) {
      if (error instanceof NoConnection) throw error;
      if (Date.now() > end) throw new NoConnection(whyNot(error, target.host));
      await sleep(Math.min(500, end - Date.now() + 1));
    }
  }
}

/** ssh2 has texts of its own, beside errors of Node's sockets. */
function whyNot(error: unknown, host: string): string {
  const fault = networkFault(error, host);
  if (fault !== undefined) return fault.replace(/^can't be reached: /, '');
  const message = error instanceof Error ? error.message : String(error);
  if (/timed out/i.test(message)) return `${host} does not answer.`;
  if (/connection lost|before handshake|protocol|handshake/i.test(message))
    return `${host} ended the connection, or does not speak SSH.`;
  return `SSH to ${host}: ${message}`;
}

function dial(target: SshTarget): Promise<ssh2.Client> {
  const wanted = Buffer.from(target.hostKey.split(/\s+/)[1] ?? '', 'base64');
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    let isOther = false;
    client.on('ready', () => resolve(client));
    client.on('error', (error) => {
      if (isOther) reject(otherHostKey(target.host));
      else reject(/authentication methods failed/.test(error.message) ? keyRefused(target.host) : error);
    });
    client.connect({
      host: target.host,
      port: target.port ?? 22,
      username: target.user,
      privateKey: target.privateKey,
      readyTimeout: sshLimits.handshakeMs,
      keepaliveInterval: 5000,
      keepaliveCountMax: 4,
      algorithms: { serverHostKey: ['ssh-ed25519'] },
      hostVerifier: (key: Buffer) => {
        isOther = !key.equals(wanted);
        return !isOther;
      },
    });
    // Its packets are small and wait for answers: held back (Nagle, RFC 896), each costs the other side's delayed ACK.
    client.setNoDelay(true);
  });
}

const otherHostKey = (host: string): NoConnection =>
  new NoConnection(
    `${host} shows a host key that is not the one that was made for this server, so another server may be answering. Nothing was sent to it.`,
    'Check in the Hetzner console which server has this address, then run the command again.',
  );

const keyRefused = (host: string): NoConnection =>
  new NoConnection(
    `${host} does not accept the SSH key in secrets.age.`,
    'Restore secrets.age as it was when this server was created, then run the command again.',
  );

/** It ended before the command did, which may go on. */
export class ConnectionLost extends Error {}

/** Runs a command on an open connection. Calls `onLine` for each line of standard output. */
export function execute(
  client: ssh2.Client,
  command: string,
  input: string | Uint8Array = '',
  onLine?: (line: string) => void,
): Promise<SshResult> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, stream) => {
      if (error) {
        reject(error);
        return;
      }
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      let rest = '';
      stream.on('data', (chunk: Buffer) => {
        out.push(chunk);
        if (!onLine) return;
        const lines = (rest + chunk.toString()).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) onLine(line);
      });
      stream.stderr.on('data', (chunk: Buffer) => err.push(chunk));
      stream.on('close', (code: number | null) => {
        if (code === null || code === undefined) reject(new ConnectionLost('the connection was lost'));
        else resolve({ stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString(), code });
      });
      stream.end(input);
    });
  });
}

/** Quotes a word for a POSIX shell. */
export const quoted = (word: string): string =>
  /^[A-Za-z0-9_./:@=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
