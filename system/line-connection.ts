import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';

/** Longest line that is read, in bytes: four times what SMTP allows (RFC 5321 §4.5.3.1.5). */
const longestLine = 2048;

/**
 * A connection whose two sides speak in lines (SMTP, IMAP, ManageSieve), in the clear or with TLS. Whatever happens on it,
 * it has ended after `timeoutMs`, and what waits then fails with the reason.
 */
export class LineConnection {
  #socket: Socket;
  #text = '';
  #fault: Error | undefined;
  #wake: () => void = () => undefined;
  readonly #limit: NodeJS.Timeout;

  private constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#limit = setTimeout(() => this.#end(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  }

  static async open(address: string, port: number, timeoutMs: number): Promise<LineConnection> {
    const connection = new LineConnection(connect({ host: address, port }), timeoutMs);
    await connection.#begun('connect');
    connection.#listen();
    return connection;
  }

  /** Encrypts from here on. A certificate that is not valid does not end the connection: see {@link certificate}. */
  async startTls(servername: string, ca?: string): Promise<void> {
    this.#socket.removeAllListeners();
    this.#text = '';
    this.#socket = tlsConnect({
      socket: this.#socket,
      servername,
      rejectUnauthorized: false,
      ...(ca ? { ca } : {}),
    });
    await this.#begun('secureConnect');
    this.#listen();
  }

  /** The certificate of the other side in DER, and why it is not valid for its name; undefined before TLS. */
  get certificate(): { raw: Buffer; issuer: string; problem: string | undefined } | undefined {
    const socket = this.#socket as TLSSocket;
    const found = socket.getPeerCertificate?.();
    if (!found?.raw) return undefined;
    const problem = socket.authorized ? undefined : String(socket.authorizationError);
    return { raw: found.raw, issuer: String(found.issuer.CN ?? found.issuer.O), problem };
  }

  send(line: string): void {
    this.#socket.write(`${line}\r\n`);
  }

  /** The next line, without its end. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf('\n');
      if (end >= 0) {
        const line = this.#text.slice(0, end).replace(/\r$/, '');
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      if (this.#fault) throw this.#fault;
      if (this.#text.length > longestLine) throw new Error(`a line of more than ${longestLine} bytes`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The address of the other side. */
  get address(): string {
    return this.#socket.remoteAddress ?? '';
  }

  close(): void {
    clearTimeout(this.#limit);
    this.#socket.destroy();
  }

  async #begun(event: 'connect' | 'secureConnect'): Promise<void> {
    await Promise.race([
      once(this.#socket, event),
      once(this.#socket, 'close').then(() => {
        throw this.#fault ?? new Error('it ended the connection');
      }),
    ]);
  }

  #listen(): void {
    this.#socket.on('data', (part: Buffer) => {
      this.#text += part.toString('latin1');
      this.#wake();
    });
    this.#socket.on('error', (error) => this.#end(error));
    this.#socket.on('close', () => this.#end(new Error('it ended the connection')));
  }

  #end(fault: Error): void {
    this.#fault ??= fault;
    clearTimeout(this.#limit);
    this.#socket.destroy();
    this.#wake();
  }
}
