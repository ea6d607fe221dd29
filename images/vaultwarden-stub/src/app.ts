import { randomBytes, randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { calculatePKCECodeChallenge, randomPKCECodeVerifier } from 'openid-client';
import type { Login } from './login.ts';
import { frontPage, messagePage, vaultPage } from './pages.ts';
import type { Device, Store, User } from './store.ts';

const hour = 3600;
const cookie = { httpOnly: true, secure: true, sameSite: 'Lax', path: '/' } as const;

/** The cookie with which a browser keeps that it started a login, as in Vaultwarden since 1.36. */
const bindingCookie = 'VW_SSO_BINDING';
const bindingPath = '/identity/connect/';

export interface AppSettings {
  origin: string;
  /** SIGNUPS_ALLOWED: whether anyone can create an account without the login. */
  signupsAllowed: boolean;
}

/**
 * The paths of Vaultwarden 1.37 that a login uses, and those that must be closed: exactly as strict as the real one.
 */
export function createApp({ origin, signupsAllowed }: AppSettings, login: Login, store: Store): Hono {
  const app = new Hono();
  /** Access token → the user, their device, and until when it is valid. */
  const access = new Map<string, { uuid: string; device: string; stamp: string; until: number }>();
  const connector = `${origin}/sso-connector.html`;

  function grant(user: User, device: string, refreshToken: string) {
    const token = randomBytes(32).toString('base64url');
    const until = Date.now() + hour * 1000;
    access.set(token, { uuid: user.uuid, device, stamp: user.securityStamp, until });
    return { access_token: token, token_type: 'Bearer', expires_in: hour, refresh_token: refreshToken };
  }
  const letIn = async (user: User, device: Device) =>
    grant(user, device.uuid, await store.ensureDevice(user, device));
  /**
   * An access token is valid while its device exists and the stamp is the same. Whether the user is enabled is not
   * checked.
   */
  async function whoHas(token: string | undefined): Promise<User | undefined> {
    const found = access.get(token ?? '');
    if (!found || found.until < Date.now() || !(await store.hasDevice(found.device, found.uuid)))
      return undefined;
    const user = await store.userById(found.uuid);
    return user?.securityStamp === found.stamp ? user : undefined;
  }
  async function redeem(code: string, verifier: string): Promise<User | undefined> {
    const who = await login.redeem(code, verifier);
    return who ? store.ensureUser(who) : undefined;
  }
  const refuse = (context: Context, why: string) =>
    context.json({ error: 'invalid_grant', message: why }, 400);

  app.get('/alive', (context) => context.json(new Date().toISOString()));
  app.get('/', (context) => context.html(frontPage()));
  app.get('/log-in', async (context) => {
    const verifier = randomPKCECodeVerifier();
    setCookie(context, '__Host-verifier', verifier, { ...cookie, maxAge: 600 });
    const ask = new URLSearchParams({
      client_id: 'web',
      redirect_uri: connector,
      response_type: 'code',
      scope: 'api offline_access',
      state: randomBytes(16).toString('base64url'),
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return context.redirect(`/identity/connect/authorize?${ask}`);
  });
  // The redirect address that a client names is not checked: each client has its own.
  app.get('/identity/connect/authorize', async (context) => {
    const { client_id, state, code_challenge, code_challenge_method } = context.req.query();
    if (client_id !== 'web' || !state || !code_challenge) return refuse(context, 'Unsupported client.');
    if (code_challenge_method !== 'S256') return refuse(context, 'Unsupported code challenge method.');
    const { to, binding } = await login.begin({ redirectUri: connector, state, challenge: code_challenge });
    setCookie(context, bindingCookie, binding, { ...cookie, path: bindingPath, maxAge: 600 });
    return context.redirect(to.href, 307);
  });
  app.get('/identity/connect/oidc-signin', (context) => {
    const { search } = new URL(context.req.url);
    const answer = new URL(`${origin}/identity/connect/oidc-signin${search}`);
    const back = login.hear(answer, getCookie(context, bindingCookie));
    setCookie(context, bindingCookie, '', { ...cookie, path: bindingPath, maxAge: 0 });
    return back ? context.redirect(back.href, 307) : refuse(context, 'SSO session binding mismatch.');
  });
  // At Vaultwarden this is a page with a script. Here the server does the same, for the browser that started the
  // login.
  app.get('/sso-connector.html', async (context) => {
    const verifier = getCookie(context, '__Host-verifier');
    if (!verifier) return context.html(messagePage('Log in', 'Continue where you started.'));
    setCookie(context, '__Host-verifier', '', { ...cookie, maxAge: 0 });
    const user = await redeem(context.req.query('code') ?? '', verifier);
    if (!user?.enabled) return context.html(messagePage('Refused', 'You do not have access.'), 403);
    setCookie(
      context,
      '__Host-access',
      (await letIn(user, { uuid: randomUUID(), name: 'web', type: 9 })).access_token,
      { ...cookie, maxAge: hour },
    );
    return context.redirect('/vault');
  });
  app.get('/vault', async (context) => {
    const user = await whoHas(getCookie(context, '__Host-access'));
    return user ? context.html(vaultPage(user.name, user.email)) : context.redirect('/');
  });
  app.post('/identity/connect/token', async (context) => {
    const form = (await context.req.parseBody()) as Record<string, string>;
    if (form.grant_type === 'refresh_token') {
      const found = await store.deviceByRefreshToken(form.refresh_token ?? '');
      if (!found) return refuse(context, 'Unable to refresh login credentials: Invalid refresh token');
      return context.json(grant(found.user, found.device, form.refresh_token!));
    }
    if (form.grant_type !== 'authorization_code') return refuse(context, 'SSO sign-in is required');
    const { device_identifier: uuid, device_name: name, device_type: type } = form;
    if (!uuid || !name || !type) return refuse(context, 'device_identifier cannot be blank');
    const user = await redeem(form.code ?? '', form.code_verifier ?? '');
    if (!user) return refuse(context, 'Invalid code cannot retrieve sso auth');
    if (!user.enabled) return refuse(context, 'This user has been disabled');
    return context.json(await letIn(user, { uuid, name, type: Number.parseInt(type, 10) || 14 }));
  });
  app.get('/api/accounts/profile', async (context) => {
    const user = await whoHas(/^Bearer (.+)$/.exec(context.req.header('authorization') ?? '')?.[1]);
    if (!user) return context.json({ message: 'Unauthorized' }, 401);
    return context.json({ object: 'profile', email: user.email, name: user.name, stub: true });
  });
  app.post('/identity/accounts/register/send-verification-email', async (context) => {
    const asked: unknown = await context.req.json().catch(() => undefined);
    if (typeof (asked as { email?: unknown } | undefined)?.email !== 'string')
      return refuse(context, 'The request is not valid.');
    if (!signupsAllowed) return refuse(context, 'Registration not allowed or user already exists');
    return context.json(randomBytes(32).toString('base64url'));
  });
  app.post('/identity/accounts/register/*', (context) => refuse(context, 'Registration is closed.'));
  app.notFound((context) => context.html(messagePage('Nothing here', 'There is no such page.'), 404));
  return app;
}
