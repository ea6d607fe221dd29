import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, symlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { json } from 'node:stream/consumers';
import { storeBundle } from '../../agent/store/bundle-store.ts';
import { appendEntry } from '../../agent/store/journal.ts';
import type { Layout } from '../../agent/store/layout.ts';
import { putSecret } from '../../agent/store/secrets.ts';
import { type Release, releaseHash } from '../../core/release/release.ts';
import { dependencies, realm, signingAlgorithm } from '../../core/users/login.ts';
import { plainBundle } from './plain-bundle.ts';

const at = '2026-01-01T00:00:00.000Z';

/** A service on a server, as an operation that ended leaves it. Its secrets have the value `secret`. */
export function deployPlain(layout: Layout, service: string, more: Partial<Release> = {}): Release {
  const bundle = plainBundle(service, more);
  const hash = releaseHash(bundle);
  storeBundle(layout, bundle, hash);
  symlinkSync(`releases/${hash}`, layout.current(service));
  for (const name of ['admin-secret', 'oidc-secret'])
    putSecret(layout, { service, name, generation: 1 }, 'secret');
  mkdirSync(dirname(layout.journal(service)), { recursive: true });
  const operation = { id: '1', service, from: null, to: hash, by: 'ada', touchesPrograms: true };
  for (const entry of [
    { entry: 'open', at, operation },
    { entry: 'commit', at, op: '1' },
    { entry: 'finished', at, op: '1', outcome: 'committed' },
  ] as const)
    appendEntry(layout.journal(service), entry);
  return bundle.release;
}

/** One that is good for an hour. Nobody checks its signature. */
const token = [{ alg: 'none' }, { exp: Math.floor(Date.now() / 1000) + 3600 }, '']
  .map((part) => part && Buffer.from(JSON.stringify(part)).toString('base64url'))
  .join('.');

/** What the agent asks of the login when it makes a client: the Admin REST API of Keycloak for clients, and its public keys. */
export class StubKeycloak {
  /** By their ids at the login. */
  readonly clients = new Map<string, { clientId: string; roles: unknown[] }>();
  /** What was changed, in this order. */
  readonly changes: string[] = [];
  /** Called before each change. */
  onChange = (): void => undefined;
  readonly #server: Server = createServer((asked, answer) => void this.#answer(asked, answer));
  readonly #key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });

  /** The login of a server whose other services are told of it by their journals. */
  static async start(layout: Layout): Promise<StubKeycloak> {
    const stub = new StubKeycloak();
    await new Promise<void>((done) => stub.#server.listen(0, '127.0.0.1', done));
    const { port } = stub.#server.address() as AddressInfo;
    const network = { kind: 'bridge', name: 'haven-keycloak', loopbackPorts: { http: port } } as const;
    deployPlain(layout, dependencies.login, { network });
    return stub;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(asked.url ?? '', 'http://login');
    const path = pathname.replace(`/admin/realms/${realm}`, '').replace(/\/$/, '');
    const [, id] = /^\/clients\/(\w+)/.exec(path) ?? [];
    const send = (value: unknown, status = 200, headers = {}) =>
      answer.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
    if (path.endsWith('/token'))
      return void send({ access_token: token, refresh_token: token, token_type: 'Bearer' });
    if (path.endsWith('/certs'))
      return void send({ keys: [{ ...this.#key, kid: 'key', alg: signingAlgorithm, use: 'sig' }] });
    if (path.startsWith('/roles/')) return void send({ id: 'role', name: path.replace('/roles/', '') });
    if (asked.method !== 'GET') {
      this.onChange();
      this.changes.push(`${asked.method} ${path}`);
    }
    if (path.endsWith('/scope-mappings/realm')) {
      const client = this.clients.get(id!)!;
      if (asked.method === 'POST') client.roles.push(...((await json(asked)) as unknown[]));
      return void send(client.roles);
    }
    if (asked.method === 'POST') {
      const client = (await json(asked)) as { clientId: string };
      if (this.clients.has(client.clientId)) return void send({ errorMessage: 'it exists' }, 409);
      this.clients.set(client.clientId, { ...client, roles: [] });
      return void send(null, 201, { location: `http://login${path}/${client.clientId}` });
    }
    const named = this.clients.get(searchParams.get('clientId') ?? '');
    send(named ? [{ ...named, id: named.clientId }] : []);
  }
}
