import { randomInt } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { request as secureRequest } from 'node:https';

/** The last page of a series of redirects. */
export interface Page {
  url: string;
  status: number;
  body: string;
}

/** How a host is reached: at a port of this machine, unencrypted as behind a reverse proxy, or with TLS. */
export interface Reach {
  port: number;
  /** The authorities of its certificate; without them the connection is unencrypted. */
  roots?: string;
}

/**
 * Just enough of a browser: redirects, cookies by host, forms. It can only reach the hosts that it is given, on
 * loopback.
 */
export class HeadlessBrowser {
  readonly #hosts: Record<string, Reach>;
  /**
   * Its own address on loopback, as a reverse proxy would tell it (RFC 1122 §3.2.1.3: all of 127/8). Programs count
   * logins by address: two browsers are two visitors.
   */
  readonly address = `127.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`;
  readonly #cookies = new Map<string, Map<string, string>>();

  constructor(hosts: Record<string, Reach>) {
    this.#hosts = hosts;
  }

  async open(
    address: string,
    {
      form,
      follow = true,
      bearer,
    }: { form?: Record<string, string>; follow?: boolean; bearer?: string } = {},
  ): Promise<Page> {
    let url = new URL(address);
    let body = form ? new URLSearchParams(form).toString() : undefined;
    for (let hops = 0; hops < 20; hops++) {
      const answer = await this.#ask(url, body, bearer);
      if (!follow || !answer.location) return { url: url.href, status: answer.status, body: answer.body };
      url = new URL(answer.location, url);
      body = undefined;
    }
    throw new Error(`${address} redirects without end`);
  }

  #ask(
    url: URL,
    body: string | undefined,
    bearer: string | undefined,
  ): Promise<{ status: number; body: string; location?: string }> {
    const reach = this.#hosts[url.host];
    if (!reach) throw new Error(`it redirects to ${url.origin}, which is not part of this login`);
    const jar = this.#cookies.get(url.host) ?? new Map<string, string>();
    this.#cookies.set(url.host, jar);
    const headers = {
      host: url.host,
      'x-forwarded-proto': 'https',
      'x-forwarded-host': url.host,
      'x-forwarded-for': this.address,
      cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    };
    return new Promise((resolve, reject) => {
      const method = body === undefined ? 'GET' : 'POST';
      const path = `${url.pathname}${url.search}`;
      const { port, roots } = reach;
      const target = { host: '127.0.0.1', port, method, path, headers, timeout: 15_000 };
      const secure = { ...target, servername: url.hostname, ...(roots ? { ca: roots } : {}) };
      const hear = (answer: IncomingMessage): void => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          for (const cookie of answer.headers['set-cookie'] ?? []) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
            if (!name) continue;
            if (/max-age=0|expires=thu, 01[ -]jan[ -]1970/i.test(cookie)) jar.delete(name);
            else jar.set(name, value ?? '');
          }
          const { location } = answer.headers;
          const text = Buffer.concat(chunks).toString();
          resolve({ status: answer.statusCode ?? 0, body: text, ...(location ? { location } : {}) });
        });
      };
      const asked = roots ? secureRequest(secure, hear) : request(target, hear);
      asked.on('timeout', () => asked.destroy(new Error(`${url.host} does not answer within 15 s`)));
      asked.on('error', reject);
      asked.end(body);
    });
  }
}
