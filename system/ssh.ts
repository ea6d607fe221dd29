import { setTimeout as sleep } from 'node:timers/promises';
import ssh2 from 'ssh2';

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

/** Opens a connection. Retries until `patienceMs` is over, because a new server needs a moment before it listens. */
export async function connect(target: SshTarget, patienceMs = 60_000): Promise<ssh2.Client> {
  const end = Date.now() + patienceMs;
  for (;;) {
    try {
      return await dial(target);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (/host key/i.test(message) || Date.now() > end)
        throw new Error(`SSH to ${target.user}@${target.host}: ${message}`);
      await sleep(500);
    }
  }
}

function dial(target: SshTarget): Promise<ssh2.Client> {
  const wanted = Buffer.from(target.hostKey.split(/\s+/)[1] ?? '', 'base64');
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    let isOther = false;
    client.on('ready', () => resolve(client));
    client.on('error', (error) => {
      reject(
        isOther
          ? new Error('its host key is not the one that was made for it, so another server may be answering')
          : error,
      );
    });
    client.connect({
      host: target.host,
      port: target.port ?? 22,
      username: target.user,
      privateKey: target.privateKey,
      readyTimeout: 10_000,
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
