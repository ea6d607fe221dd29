import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { networkFault } from '../../system/network-fault.ts';
import { apiLimits, type Environment } from '../api-call.ts';
import type { ApiFront } from '../api-front.ts';
import { recordsPerPage } from './api.ts';
import { holdLimits, RequestLimit } from './request-limit.ts';

/**
 * Cloudflare's API on this computer, for the official plugin. It reads each record by a request of its own, so a refresh of a
 * thousand records takes a thousand of the 1,200 requests that an account has in five minutes
 * (terraform-provider-cloudflare#1854). Here the first that is asked for lists its zone, and all others are answered from that
 * list. Every other request is passed on as it is, and a zone that was changed is no longer answered from a list in that run. What
 * Cloudflare refuses because there were too many is held until it takes requests again: the plugin itself gives up within seconds.
 */
export async function serveRecords(environment: Environment, limits = holdLimits): Promise<ApiFront> {
  const base = (environment.CLOUDFLARE_BASE_URL ?? 'https://api.cloudflare.com/client/v4').replace(/\/$/, '');
  const limit = new RequestLimit(limits);
  const records = new ListedRecords(base, limit);
  const server = createServer((request, response) => {
    const left = new AbortController();
    response.once('close', () => left.abort());
    answer({ records, base, limit, signal: left.signal }, request).then(
      (got) => send(response, got),
      (error: unknown) => {
        // Nobody waits for it any more, so what was held is not sent.
        if (error instanceof Error && error.name === 'AbortError') response.destroy();
        else send(response, unreachable(error, new URL(base).host));
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`;
  return {
    variables: { CLOUDFLARE_BASE_URL: `${own}/` },
    beginRun: (say = () => undefined) => {
      records.forget();
      limit.say = say;
    },
    restoreAddress: (text) => text.replaceAll(own, base),
    close: () =>
      new Promise((resolve) => {
        records.forget();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const prefix = '/client/v4';

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** The records of zones, each zone listed once in a run. */
class ListedRecords {
  readonly #base: string;
  readonly #limit: RequestLimit;
  readonly #zones = new Map<string, Promise<Map<string, unknown> | Answer | undefined>>();
  readonly #changed = new Set<string>();
  /** A list is for all who ask for a record of its zone, so it ends with the run and not with one of them. */
  #run = new AbortController();

  constructor(base: string, limit: RequestLimit) {
    this.#base = base;
    this.#limit = limit;
  }

  forget(): void {
    this.#run.abort();
    this.#run = new AbortController();
    this.#zones.clear();
    this.#changed.clear();
  }

  /** A zone is being changed. */
  change(zone: string): void {
    this.#changed.add(zone);
    this.#zones.delete(zone);
  }

  /** Undefined where the record has to be asked for itself: a list does not have it, or is refused. */
  async read(zone: string, id: string, authorization: string): Promise<Answer | undefined> {
    if (this.#changed.has(zone)) return undefined;
    const asked = this.#zones.get(zone) ?? this.#list(zone, authorization);
    this.#zones.set(zone, asked);
    let listed: Awaited<typeof asked>;
    try {
      listed = await asked;
    } catch (error) {
      this.#zones.delete(zone);
      throw error;
    }
    if (!(listed instanceof Map)) {
      // "Too many requests" is for all of them, and the plugin asks again.
      if (listed) this.#zones.delete(zone);
      return listed;
    }
    const result = listed.get(id);
    return result === undefined || this.#changed.has(zone) ? undefined : json(200, { result });
  }

  async #list(zone: string, authorization: string): Promise<Map<string, unknown> | Answer | undefined> {
    const all = new Map<string, unknown>();
    for (let page = 1; ; page++) {
      const url = `${this.#base}/zones/${zone}/dns_records?per_page=${recordsPerPage}&page=${page}`;
      const got = await this.#limit.ask(
        () => ask(url, { method: 'GET', headers: { authorization } }),
        this.#run.signal,
      );
      if (got.status === 429 || got.status >= 500) return got;
      const found = got.status === 200 ? recordsIn(got) : undefined;
      if (!found) return undefined;
      for (const each of found) all.set(each.id, each);
      if (found.length < recordsPerPage) return all;
    }
  }
}

/** The records of one page; undefined if something else answered. */
function recordsIn({ body }: Answer): { id: string }[] | undefined {
  try {
    const { result } = JSON.parse(body.toString()) as { result?: { id: string }[] };
    return Array.isArray(result) ? result : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What a request is answered with. */
interface Front {
  records: ListedRecords;
  base: string;
  limit: RequestLimit;
  /** Aborted once nobody waits for the answer. */
  signal: AbortSignal;
}

async function answer({ records, base, limit, signal }: Front, request: IncomingMessage): Promise<Answer> {
  const { method = 'GET', url = '', headers } = request;
  const path = url.slice(prefix.length);
  const [, zone, id] = /^\/zones\/([^/?]+)\/dns_records(?:\/([^/?]+))?(?:\?|$)/.exec(path) ?? [];
  const authorization = headers.authorization ?? '';
  if (zone !== undefined && method !== 'GET') records.change(zone);
  const listed =
    zone !== undefined && id !== undefined && method === 'GET'
      ? await records.read(zone, id, authorization)
      : undefined;
  if (listed) return listed;
  const body = await buffer(request);
  const type = headers['content-type'];
  const what = {
    method,
    headers: { authorization, ...(type ? { 'content-type': type } : {}) },
    ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
  };
  return limit.ask(() => ask(`${base}${path}`, what), signal);
}

async function ask(url: string, what: RequestInit): Promise<Answer> {
  // A token is for the address that it was meant for alone.
  const signal = AbortSignal.timeout(apiLimits.answerMs);
  const got = await fetch(url, { ...what, redirect: 'error', signal });
  const kept = ['content-type', 'retry-after', 'x-should-retry', 'cf-ray'];
  const headers = Object.fromEntries(
    kept.flatMap((name) => {
      const value = got.headers.get(name);
      return value === null ? [] : [[name, value] as const];
    }),
  );
  return { status: got.status, headers, body: Buffer.from(await got.arrayBuffer()) };
}

const json = (status: number, more: object): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify({ success: status < 400, errors: [], messages: [], ...more })),
});

/** What the plugin reports, and `core/engine-error.ts` reads. An error of ours is thrown, and ends the run. */
function unreachable(error: unknown, host: string): Answer {
  const message = networkFault(error, host);
  if (message === undefined) throw error;
  return json(502, { errors: [{ code: 0, message }], result: null });
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers).end(body);
}
