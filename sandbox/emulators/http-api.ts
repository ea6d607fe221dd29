import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request to an emulator, parsed. */
export interface ApiRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
  token: string | undefined;
  host: string;
}

export interface ApiAnswer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Answers requests in JSON over HTTP. An error inside is our bug: it is answered with 500 and printed. */
export function serveApi(
  answer: (request: ApiRequest) => Promise<ApiAnswer> | ApiAnswer,
  log: (line: string) => void = (line) => console.log(line),
): Server {
  return createServer((request, response) => {
    handle(request, response, answer, log).catch((error: unknown) => {
      console.error(`${request.method} ${request.url}:`, error);
      send(response, {
        status: 500,
        body: { error: { code: 'service_error', message: `the sandbox has a bug: ${error}`, details: {} } },
      });
    });
  });
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: ApiRequest) => Promise<ApiAnswer> | ApiAnswer,
  log: (line: string) => void,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const url = new URL(request.url ?? '/', 'http://sandbox');
  let body: unknown;
  if (text) {
    try {
      body = JSON.parse(text);
    } catch {
      send(response, {
        status: 400,
        body: { error: { code: 'json_error', message: 'the body is not valid JSON', details: {} } },
      });
      return;
    }
  }
  const got = await answer({
    method: request.method ?? 'GET',
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    body,
    token: /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1],
    host: request.headers.host ?? '',
  });
  log(`${new Date().toISOString()} ${request.method} ${request.url} ${got.status}`);
  send(response, got);
}

function send(response: ServerResponse, { status, body, headers = {} }: ApiAnswer): void {
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    .end(JSON.stringify(body));
}

export function listen(server: Server, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => resolve());
  });
}

/** Where an emulator listens; by default on any free port of this machine, which no other machine can reach. */
export interface ListenOptions {
  port?: number;
  address?: string;
  /** Is told a line about each request; by default nothing is written. */
  log?: (line: string) => void;
}

/** Serves an API until it is closed. `origin` is `http://ADDRESS:PORT`. */
export async function listenApi(
  answer: (request: ApiRequest) => Promise<ApiAnswer> | ApiAnswer,
  { port = 0, address = '127.0.0.1', log = () => undefined }: ListenOptions = {},
): Promise<{ origin: string; close(): Promise<void> }> {
  const server = serveApi(answer, log);
  await listen(server, port, address);
  return {
    origin: `http://${address}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
