import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { network } from '../../sandbox/machine/network.ts';
import { run } from '../../system/run.ts';

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
    const [key, cert] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key];
    await run('openssl', ['req', '-x509', ...newKey, '-out', cert, '-subj', `/CN=${host}`, '-days', '2']);
    const peer = new MailPeer(readFileSync(key, 'utf8'), readFileSync(cert, 'utf8'));
    peer.#server.listen(25, network.hostIpv4);
    await once(peer.#server.server, 'listening');
    return peer;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
