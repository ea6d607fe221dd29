import { randomBytes } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { calculatePKCECodeChallenge, randomPKCECodeVerifier } from 'openid-client';
import type { Login } from './login.ts';
import { frontPage, messagePage, vaultPage } from './pages.ts';
import type { Store, User } from './store.ts';

const hour = 3600;
const cookie = { httpOnly: true, secure: true, sameSite: 'Lax', path: '/' } as const;

/** The paths of Vaultwarden that a login uses, and those that must be closed. */
export function createApp(origin: string, login: Login, store: Store): Hono {
  const app = new Hono();
  /** Access token → whose it is, and until when. */
  const access = new Map<string, { uuid: string; stamp: string; until: number }>();
  const connector = `${origin}/sso-connector.html`;

  async function letIn(user: User, refreshToken?: string) {
    const token = randomBytes(32).toString('base64url');
    access.set(token, { uuid: user.uuid, stamp: user.securityStamp, until: Date.now() + hour * 1000 });
    const refresh = refreshToken ?? (await store.addDevice(user));
    return { access_token: token, token_type: 'Bearer', expires_in: hour, refresh_token: refresh };
  }
  async function whoHas(token: string | undefined): Promise<User | undefined> {
    const found = access.get(token ?? '');
    if (!found || found.until < Date.now()) return undefined;
    const user = await store.userById(found.uuid);
    return user?.enabled && user.securityStamp === found.stamp ? user : undefined;
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
  app.get('/identity/connect/authorize', async (context) => {
    const { client_id, redirect_uri, state, code_challenge, code_challenge_method } = context.req.query();
    if (client_id !== 'web' || redirect_uri !== connector || !state || !code_challenge)
      return refuse(context, 'The client or its redirect address is not known here.');
    if (code_challenge_method !== 'S256') return refuse(context, 'code_challenge_method must be S256.');
    const to = await login.begin({ redirectUri: connector, state, challenge: code_challenge });
    return context.redirect(to.href, 307);
  });
  app.get('/identity/connect/oidc-signin', (context) => {
    const { search } = new URL(context.req.url);
    const back = login.hear(new URL(`${origin}/identity/connect/oidc-signin${search}`));
    return back ? context.redirect(back.href, 307) : refuse(context, 'This login was not started here.');
  });
  // At Vaultwarden this is a page with a script. Here the server does the same, for the browser that started the
  // login.
  app.get('/sso-connector.html', async (context) => {
    const verifier = getCookie(context, '__Host-verifier');
    if (!verifier) return context.html(messagePage('Log in', 'Continue where you started.'));
    setCookie(context, '__Host-verifier', '', { ...cookie, maxAge: 0 });
    const user = await redeem(context.req.query('code') ?? '', verifier);
    if (!user?.enabled) return context.html(messagePage('Refused', 'You do not have access.'), 403);
    setCookie(context, '__Host-access', (await letIn(user)).access_token, { ...cookie, maxAge: hour });
    return context.redirect('/vault');
  });
  app.get('/vault', async (context) => {
    const user = await whoHas(getCookie(context, '__Host-access'));
    return user ? context.html(vaultPage(user.name, user.email)) : context.redirect('/');
  });
  app.post('/identity/connect/token', async (context) => {
    const { grant_type, code, code_verifier, refresh_token } = (await context.req.parseBody()) as Record<
      string,
      string
    >;
    const user =
      grant_type === 'authorization_code'
        ? await redeem(code ?? '', code_verifier ?? '')
        : grant_type === 'refresh_token'
          ? await store.userByRefreshToken(refresh_token ?? '')
          : undefined;
    if (!user) return refuse(context, 'The code or token is not known here, or was already used.');
    if (!user.enabled) return refuse(context, 'This user has been disabled.');
    return context.json(await letIn(user, grant_type === 'refresh_token' ? refresh_token : undefined));
  });
  app.get('/api/accounts/profile', async (context) => {
    const user = await whoHas(/^Bearer (.+)$/.exec(context.req.header('authorization') ?? '')?.[1]);
    if (!user) return context.json({ message: 'Unauthorized' }, 401);
    return context.json({ object: 'profile', email: user.email, name: user.name, stub: true });
  });
  app.post('/identity/accounts/register/*', (context) => refuse(context, 'Registration is closed.'));
  app.notFound((context) => context.html(messagePage('Nothing here', 'Page not found.'), 404));
  return app;
}
