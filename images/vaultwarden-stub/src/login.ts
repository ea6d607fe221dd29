import { randomBytes } from 'node:crypto';
import * as oidc from 'openid-client';
import type { Identity } from './store.ts';

/** The login (an OpenID provider), and this program's client there. */
export interface LoginSettings {
  issuer: string;
  client: string;
  secret: string;
  /** This program's own address, without a path. */
  origin: string;
}

/** What a client (the web page, an app) requested: where to redirect to, and its own PKCE challenge (RFC 7636). */
export interface ClientAsk {
  redirectUri: string;
  state: string;
  challenge: string;
}

interface Pending extends ClientAsk {
  verifier: string;
  nonce: string;
  began: number;
  answer?: URL;
}

const minutes = 10;

/** Between clients and the login, as in Vaultwarden: one code flow in each direction (OpenID Connect Core §3.1). */
export class Login {
  readonly #settings: LoginSettings;
  readonly #pending = new Map<string, Pending>();
  #discovered: Promise<oidc.Configuration> | undefined;

  constructor(settings: LoginSettings) {
    this.#settings = settings;
  }

  /** The address at which a client logs in. */
  async begin(ask: ClientAsk): Promise<URL> {
    const config = await this.#configuration();
    for (const [state, { began }] of this.#pending)
      if (Date.now() - began > minutes * 60_000) this.#pending.delete(state);
    const verifier = oidc.randomPKCECodeVerifier();
    const nonce = oidc.randomNonce();
    const state = randomBytes(24).toString('base64url');
    this.#pending.set(state, { ...ask, verifier, nonce, began: Date.now() });
    return oidc.buildAuthorizationUrl(config, {
      redirect_uri: `${this.#settings.origin}/identity/connect/oidc-signin`,
      scope: 'openid email profile',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
  }

  /**
   * The login has answered: redirects to the client with a code of ours. Undefined for a login that was not started
   * here.
   */
  hear(answer: URL): URL | undefined {
    const state = answer.searchParams.get('state') ?? '';
    const pending = this.#pending.get(state);
    if (!pending || !answer.searchParams.has('code')) return undefined;
    pending.answer = answer;
    const back = new URL(pending.redirectUri);
    back.search = new URLSearchParams({ code: state, state: pending.state }).toString();
    return back;
  }

  /** The user of this code; undefined when it is unknown, used, or issued to another client (RFC 7636 §4.6). */
  async redeem(code: string, verifier: string): Promise<Identity | undefined> {
    const pending = this.#pending.get(code);
    if (!pending?.answer) return undefined;
    this.#pending.delete(code);
    if ((await oidc.calculatePKCECodeChallenge(verifier)) !== pending.challenge) return undefined;
    const tokens = await oidc.authorizationCodeGrant(await this.#configuration(), pending.answer, {
      pkceCodeVerifier: pending.verifier,
      expectedState: code,
      expectedNonce: pending.nonce,
    });
    const claims = tokens.claims();
    if (typeof claims?.email !== 'string' || claims.email_verified !== true) return undefined;
    const { iss, sub, email, name } = claims;
    return { identifier: `${iss}/${sub}`, email, name: typeof name === 'string' ? name : email };
  }

  /** Requested at the first login, when the provider is certainly running. */
  #configuration(): Promise<oidc.Configuration> {
    const { issuer, client, secret } = this.#settings;
    this.#discovered ??= oidc.discovery(new URL(issuer), client, secret).catch((error) => {
      this.#discovered = undefined;
      throw error;
    });
    return this.#discovered;
  }
}
