import { randomInt } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { CookieJar } from './cookie-jar.ts';

/** More than any page of a login has. */
const longestAnswer = 2 * 1024 * 1024;
const mostRedirects = 20;
const idleMs = 15_000;

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

/** What a browser does in all has to end at `at`, in milliseconds since 1970. `why` is the error otherwise. */
export interface Deadline {
  at: number;
  why: string;
}

interface Answer {
  status: number;
  body: string;
  location?: string;
}

/**
 * Just enough of a browser: redirects, cookies by host, forms. It can only reach the hosts that it is given, on
 * loopback. An answer may come from a program that was broken into, so its length, its redirects and its time are
 * bounded. A form and a token are sent to one address, and are not repeated after a redirect.
 */
export class HeadlessBrowser {
  readonly #hosts: Map<string, Reach>;
  readonly #deadline: Deadline | undefined;
  /**
   * Its own address on loopback, as a reverse proxy would tell it (RFC 1122 §3.2.1.3: all of 127/8). Programs count
   * logins by address: two browsers are two visitors.
   */
  readonly address = `127.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`;
  readonly #cookies = new CookieJar();

  constructor(hosts: Record<string, Reach>, deadline?: Deadline) {
    // A map, because an address may name a host like "constructor".
    this.#hosts = new Map(Object.entries(hosts));
    this.#deadline = deadline;
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
    let token = bearer;
    for (let hops = 0; hops < mostRedirects; hops++) {
      const answer = await this.#ask(url, body, token);
      if (!follow || !answer.location) return { url: url.href, status: answer.status, body: answer.body };
      if (!URL.canParse(answer.location, url.href))
        throw new Error(`${withoutQuery(url)} redirects to an address that is not valid`);
      url = new URL(answer.location, url);
      body = undefined;
      token = undefined;
    }
    throw new Error(`${withoutQuery(new URL(address))} redirects without end`);
  }

  #ask(url: URL, body: string | undefined, bearer: string | undefined): Promise<Answer> {
    const reach = this.#hosts.get(url.host);
    if (!reach) throw new Error(`it redirects to ${siteOf(url)}, which is not part of this login`);
    const headers = {
      host: url.host,
      'x-forwarded-proto': 'https',
      'x-forwarded-host': url.host,
      'x-forwarded-for': this.address,
      cookie: this.#cookies.headerFor(url.host),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    };
    const method = body === undefined ? 'GET' : 'POST';
    const path = `${url.pathname}${url.search}`;
    const { port, roots } = reach;
    const target = { host: '127.0.0.1', port, method, path, headers, timeout: idleMs };
    const secure = { ...target, servername: url.hostname, ...(roots ? { ca: roots } : {}) };
    return new Promise((resolve, reject) => {
      const hear = (message: IncomingMessage): void => {
        const chunks: Buffer[] = [];
        let length = 0;
        message.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          length += chunk.length;
          if (length > longestAnswer)
            asked.destroy(new Error(`${url.host} answers with more than ${longestAnswer / 1024 / 1024} MB`));
        });
        message.on('error', reject);
        message.on('end', () => {
          this.#cookies.keep(url.host, message.headers['set-cookie'] ?? []);
          const { location } = message.headers;
          const text = Buffer.concat(chunks).toString();
          resolve({ status: message.statusCode ?? 0, body: text, ...(location ? { location } : {}) });
        });
      };
      const asked = roots ? secureRequest(secure, hear) : request(target, hear);
      asked.on('timeout', () =>
        asked.destroy(new Error(`${url.host} does not answer within ${idleMs / 1000} s`)),
      );
      asked.on('error', reject);
      if (this.#deadline) {
        const { at, why } = this.#deadline;
        const late = (): void =>
          void asked.destroy(new Error(`${url.host} did not finish its answer in time: ${why}`));
        const timer = setTimeout(late, Math.max(0, at - Date.now()));
        asked.on('close', () => clearTimeout(timer));
      }
      asked.end(body);
    });
  }
}

const withoutQuery = ({ protocol, host, pathname }: URL): string => `${protocol}//${host}${pathname}`;

/** An origin, also of an address that has none, such as `javascript:`. */
const siteOf = ({ protocol, host }: URL): string => (host ? `${protocol}//${host}` : protocol);
