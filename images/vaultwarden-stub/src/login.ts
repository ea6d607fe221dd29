import { createHash, randomBytes } from 'node:crypto';
import * as oidc from 'openid-client';
import type { Identity } from './store.ts';

/** The login that identifies users, and this program's account there. */
export interface LoginSettings {
  issuer: string;
  client: string;
  secret: string;
  /** This program's own address, without a path. */
  origin: string;
}

/** What a client (the web page, an app) began: where it wants to be led back to, and its own PKCE challenge (RFC 7636). */
export interface ClientAsk {
  redirectUri: string;
  state: string;
  challenge: string;
}

interface Pending extends ClientAsk {
  verifier: string;
  nonce: string;
  began: number;
  /** Hash of what the browser that began got as a cookie. */
  binding: string;
  answer?: URL;
}

const minutes = 10;
const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

/**
 * Sits between clients and the login, as Vaultwarden does (src/sso.rs, table `sso_auth`): one code flow each way (OpenID
 * Connect Core §3.1). The client's `state` is the key, so a second one with the same state takes the place of the first.
 */
export class Login {
  readonly #settings: LoginSettings;
  readonly #pending = new Map<string, Pending>();
  #discovered: Promise<oidc.Configuration> | undefined;

  constructor(settings: LoginSettings) {
    this.#settings = settings;
  }

  /** Where a client is sent to log in, and what its browser must show when it comes back. */
  async begin(ask: ClientAsk): Promise<{ to: URL; binding: string }> {
    const config = await this.#configuration();
    for (const [state, { began }] of this.#pending)
      if (Date.now() - began > minutes * 60_000) this.#pending.delete(state);
    const verifier = oidc.randomPKCECodeVerifier();
    const nonce = oidc.randomNonce();
    const binding = randomBytes(32).toString('base64url');
    this.#pending.set(ask.state, { ...ask, verifier, nonce, began: Date.now(), binding: hashOf(binding) });
    const to = oidc.buildAuthorizationUrl(config, {
      redirect_uri: `${this.#settings.origin}/identity/connect/oidc-signin`,
      scope: 'openid email profile',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: Buffer.from(ask.state).toString('base64'),
      nonce,
    });
    return { to, binding };
  }

  /** The login has answered; leads back to the client. Undefined where this browser did not ask. */
  hear(answer: URL, binding: string | undefined): URL | undefined {
    const state = Buffer.from(answer.searchParams.get('state') ?? '', 'base64').toString();
    const pending = this.#pending.get(state);
    const code = answer.searchParams.get('code');
    if (!pending || !code || hashOf(binding ?? '') !== pending.binding) return undefined;
    pending.answer = answer;
    const back = new URL(pending.redirectUri);
    back.search = new URLSearchParams({ code, state }).toString();
    return back;
  }

  /** The user of this code; undefined when it is unknown, used, or belongs to another login (RFC 7636 §4.6). */
  async redeem(code: string, verifier: string): Promise<Identity | undefined> {
    const [state, pending] =
      [...this.#pending].find(([, { answer }]) => answer?.searchParams.get('code') === code) ?? [];
    if (state === undefined || !pending?.answer) return undefined;
    this.#pending.delete(state);
    if ((await oidc.calculatePKCECodeChallenge(verifier)) !== pending.challenge) return undefined;
    const tokens = await oidc.authorizationCodeGrant(await this.#configuration(), pending.answer, {
      pkceCodeVerifier: pending.verifier,
      expectedState: Buffer.from(state).toString('base64'),
      expectedNonce: pending.nonce,
    });
    const claims = tokens.claims();
    if (typeof claims?.email !== 'string') return undefined;
    const { iss, sub, email, name, email_verified } = claims;
    return {
      identifier: `${iss}/${sub}`,
      email,
      emailVerified: email_verified === true,
      name: typeof name === 'string' ? name : email,
    };
  }

  /** Asked for at the first login, when the provider is sure to be there. */
  #configuration(): Promise<oidc.Configuration> {
    const { issuer, client, secret } = this.#settings;
    const url = new URL(issuer);
    // A provider of a test is on loopback, without TLS.
    const options = url.hostname === '127.0.0.1' ? { execute: [oidc.allowInsecureRequests] } : {};
    this.#discovered ??= oidc.discovery(url, client, secret, undefined, options).catch((error) => {
      this.#discovered = undefined;
      throw error;
    });
    return this.#discovered;
  }
}
