import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A service with a cookie of its own, which allows browsers to keep `/?keep`. It keeps the headers of every request, as one that was broken into may do. */
export class Keeper {
  readonly #server: Server;
  seen: IncomingHttpHeaders[] = [];

  private constructor() {
    this.#server = createServer(({ headers, url }, response) => {
      this.seen.push(headers);
      const kept = url === '/?keep' ? { 'cache-control': 'max-age=60' } : {};
      response.writeHead(200, { 'set-cookie': 'theme=dark', ...kept }).end();
    });
  }

  static async open(): Promise<Keeper> {
    const keeper = new Keeper();
    keeper.#server.listen(0, '127.0.0.1');
    await once(keeper.#server, 'listening');
    return keeper;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }
  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
