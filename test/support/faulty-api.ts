import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';

/** What goes wrong with one request to an API. */
export type Fault = (response: ServerResponse) => void;

export const faults = {
  /** Takes the request, and never answers. */
  silence: (() => undefined) satisfies Fault,
  /** Ends the connection without an answer. */
  closed: ((response) => response.socket?.destroy()) satisfies Fault,
  /** Ends the connection in the middle of the answer. */
  cut: ((response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"servers": [{"id": 1', () => response.socket?.destroy());
  }) satisfies Fault,
  /** The page of a hotel's Wi-Fi, with status 200. */
  loginPage: ((response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!doctype html><title>Welcome to the Grand Hotel</title>');
  }) satisfies Fault,
  /** JSON, and not what the API documents. */
  otherJson: ((response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"status": "ok"}');
  }) satisfies Fault,
  redirect: ((response) => {
    response.writeHead(302, { location: 'http://portal.invalid/login' }).end();
  }) satisfies Fault,
};

/** A refusal: a body in JSON, or one in HTML as a proxy in front of the API writes it. */
export const refuses =
  (status: number, body: unknown = undefined, headers: Record<string, string> = {}): Fault =>
  (response) => {
    const text = body === undefined ? `<html><h1>${status}</h1></html>` : JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'text/html', ...headers });
    response.end(text);
  };

/** As Hetzner refuses, and as Cloudflare does. */
export const hetznerRefuses = (status: number, code: string, message: string): Fault =>
  refuses(status, { error: { code, message, details: {} } });
export const cloudflareRefuses = (status: number, code: number, message: string): Fault =>
  refuses(status, { success: false, errors: [{ code, message }], messages: [], result: null });

/** Which fault a request meets; undefined: it is passed on. */
export type FaultOf = (method: string, path: string) => Fault | undefined;

/** An API in whose way something is: passes on to an emulator what meets no fault. Answers with its address. */
export async function listenFaulty(upstream: string, faultOf: FaultOf): Promise<string> {
  const base = new URL(upstream);
  const port = await listen((request, response) => {
    const fault = faultOf(request.method ?? 'GET', request.url ?? '/');
    if (fault) fault(response);
    else
      passOn(base, request, response).catch((error: unknown) => {
        response.writeHead(502).end(String(error));
      });
  });
  return `http://127.0.0.1:${port}${base.pathname}`;
}

/** Something that speaks TLS with this certificate. */
export async function listenTls(certificate: { key: string; cert: string }): Promise<string> {
  const server = createTlsServer(certificate, (_, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.closeAllConnections());
  after(() => server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address at which nothing listens: a port that was free a moment ago. */
export async function refusedAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

async function listen(answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function passOn(base: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { authorization = '' } = request.headers;
  const answer = await fetch(new URL(request.url ?? '/', base), {
    method: request.method ?? 'GET',
    headers: { authorization, 'content-type': 'application/json' },
    ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
  });
  const text = await answer.text();
  response.writeHead(answer.status, { 'content-type': 'application/json' });
  response.end(text === '' ? undefined : text);
}
