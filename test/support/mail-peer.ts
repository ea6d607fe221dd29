import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';
import { network } from '../../sandbox/machine/network.ts';
import { selfSigned } from './self-signed.ts';

/**
 * A mail server that takes every email, on port 25 of this machine's address in the sandbox (npm's smtp-server), with a key of
 * its own, as most servers on the internet have.
 */
export class MailPeer {
  /** Its TLS key, as PEM: what a TLSA record is made of. */
  readonly key: string;
  /** What has arrived: headers and body. */
  readonly emails: string[] = [];
  readonly #server: SMTPServer;

  private constructor(key: string, cert: string) {
    this.key = key;
    this.#server = new SMTPServer({
      ...{ key, cert, disabledCommands: ['AUTH'], authOptional: true },
      onData: (stream, _session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          this.emails.push(Buffer.concat(chunks).toString());
          callback();
        });
      },
    });
    // A client that refuses our key ends its own connection, and nothing here.
    this.#server.on('error', (error) => console.log(`mail peer: ${error.message}`));
  }

  /** `host` is the name in its certificate; the files of both are in `folder`. */
  static async open(host: string, folder: string): Promise<MailPeer> {
    const { key, cert } = await selfSigned(host, folder);
    const peer = new MailPeer(key, cert);
    peer.#server.listen(25, network.hostIpv4);
    await once(peer.#server.server, 'listening');
    return peer;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
