import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signingAlgorithm } from '../../core/users/login.ts';

/** A user whom this provider knows. */
export interface Known {
  sub: string;
  name: string;
  password: string;
  groups?: string[];
}

interface Grant {
  user: Known;
  redirectUri: string;
  challenge: string;
  nonce: string | null;
}

const claimsOf = ({ sub, name, groups }: Known) => ({
  sub,
  preferred_username: name,
  email: `${name}@example.org`,
  ...(groups ? { groups } : {}),
});

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * A small OpenID Connect provider (Core 1.0, code flow, with PKCE if the program asks for it, RFC 7636), for tests of a
 * program's login where no Keycloak runs. It has one client, takes exactly one redirect address, as the agent registers it, signs as the login of a cloud does, and shows a form
 * that the login check can fill in.
 */
export class LoginProvider {
  readonly #client: { id: string; secret: string; redirectUri: string };
  readonly #users: Known[];
  readonly #server: Server;
  readonly #key: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #codes = new Map<string, Grant>();
  readonly #tokens = new Map<string, Known>();
  readonly #renewable = new Map<string, Known>();
  /** How often a program renewed a session (RFC 6749 §6). */
  renewals = 0;
  /** Whether it answers 503 to everything, as the reverse proxy does for a login that has not started yet. */
  isAway = false;

  private constructor(client: { id: string; secret: string; redirectUri: string }, users: Known[]) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#client = client;
    this.#users = users;
    this.#key = privateKey;
    this.#publicKey = publicKey;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async open(
    client: { id: string; secret: string; redirectUri: string },
    users: Known[],
  ): Promise<LoginProvider> {
    const provider = new LoginProvider(client, users);
    provider.#server.listen(0, '127.0.0.1');
    await once(provider.#server, 'listening');
    return provider;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }
  get issuer(): string {
    return `http://127.0.0.1:${this.port}`;
  }
  /** Ends all sessions: programs can no longer renew them. */
  endSessions(): void {
    this.#renewable.clear();
  }
  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.isAway) return void response.writeHead(503).end();
    const { pathname, searchParams, search } = new URL(request.url ?? '/', this.issuer);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const json = (value: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    switch (`${request.method} ${pathname}`) {
      case 'GET /.well-known/openid-configuration':
        return void json({
          issuer: this.issuer,
          authorization_endpoint: `${this.issuer}/authorize`,
          token_endpoint: `${this.issuer}/token`,
          userinfo_endpoint: `${this.issuer}/userinfo`,
          jwks_uri: `${this.issuer}/keys`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: [signingAlgorithm],
        });
      case 'GET /keys':
        return void json({
          keys: [
            { ...this.#publicKey.export({ format: 'jwk' }), kid: '1', alg: signingAlgorithm, use: 'sig' },
          ],
        });
      case 'GET /authorize':
        if (
          searchParams.get('client_id') !== this.#client.id ||
          searchParams.get('redirect_uri') !== this.#client.redirectUri
        )
          return void response.writeHead(400).end('Invalid parameter: redirect_uri');
        return void response.end(
          `<form id="kc-form-login" action="${this.issuer}/authorize${search.replaceAll('&', '&amp;')}" method="post">`,
        );
      case 'POST /authorize':
        return this.#logIn(searchParams, form, response);
      case 'POST /token':
        return this.#redeem(form, request, json);
      case 'GET /userinfo': {
        const user = this.#tokens.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '');
        return void (user ? json(claimsOf(user)) : json({ error: 'invalid_token' }, 401));
      }
      default:
        return void response.writeHead(404).end();
    }
  }

  #logIn(asked: URLSearchParams, form: URLSearchParams, response: ServerResponse): void {
    const user = this.#users.find(
      ({ name, password }) => name === form.get('username') && password === form.get('password'),
    );
    if (!user) return void response.end('<form id="kc-form-login" action="#">');
    const code = randomBytes(16).toString('base64url');
    this.#codes.set(code, {
      user,
      redirectUri: asked.get('redirect_uri') ?? '',
      challenge: asked.get('code_challenge') ?? '',
      nonce: asked.get('nonce'),
    });
    const back = new URL(asked.get('redirect_uri') ?? '');
    back.search = new URLSearchParams({ code, state: asked.get('state') ?? '' }).toString();
    response.writeHead(302, { location: back.href }).end();
  }

  #redeem(
    form: URLSearchParams,
    request: IncomingMessage,
    json: (value: unknown, status?: number) => void,
  ): void {
    const [id, secret] = Buffer.from(
      /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '',
      'base64',
    )
      .toString()
      .split(':');
    const isClient =
      (id || form.get('client_id')) === this.#client.id &&
      (secret || form.get('client_secret')) === this.#client.secret;
    if (form.get('grant_type') === 'refresh_token') {
      const user = this.#renewable.get(form.get('refresh_token') ?? '');
      if (!user || !isClient) return void json({ error: 'invalid_grant' }, 400);
      this.renewals++;
      return void json(this.#tokensOf(user, null));
    }
    const grant = this.#codes.get(form.get('code') ?? '');
    this.#codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (
      !grant ||
      !isClient ||
      (grant.challenge !== '' && challenge !== grant.challenge) ||
      form.get('redirect_uri') !== grant.redirectUri
    )
      return void json({ error: 'invalid_grant' }, 400);
    json(this.#tokensOf(grant.user, grant.nonce));
  }

  #tokensOf(user: Known, nonce: string | null): Record<string, unknown> {
    const [access, refresh] = [randomBytes(16), randomBytes(16)].map((each) => each.toString('base64url'));
    this.#tokens.set(access!, user);
    this.#renewable.set(refresh!, user);
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      ...{ iss: this.issuer, aud: this.#client.id, iat: now, exp: now + 300 },
      ...{ ...claimsOf(user), email_verified: true },
    };
    const text = `${encode({ alg: signingAlgorithm, kid: '1' })}.${encode(nonce ? { ...claims, nonce } : claims)}`;
    const signature = sign('sha256', Buffer.from(text), {
      key: this.#key,
      dsaEncoding: 'ieee-p1363',
    }).toString('base64url');
    return {
      ...{ access_token: access, token_type: 'Bearer', expires_in: 300 },
      ...{ refresh_token: refresh, id_token: `${text}.${signature}` },
    };
  }
}
