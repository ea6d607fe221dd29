import { createHash, randomBytes } from 'node:crypto';
import type { CheckAccount } from '../../core/users/check-accounts.ts';
import { type Deadline, HeadlessBrowser, type Page } from '../../system/headless-browser.ts';
import { describePage, loginForm } from './login-form.ts';

/** Input of `check-login`: where the service and the login answer on loopback, and which pages each role may open. */
export interface LoginCheck {
  service: string;
  origin: string;
  /** Origin of the login: the only place that gets a password. */
  login: string;
  begin: string;
  exchange?: { path: string; form: Record<string, string> };
  pages: { path: string; user: number; admin: number }[];
  /** Host → loopback port: the only addresses this browser can reach. */
  ports: Record<string, number>;
  user: CheckAccount;
  admin: CheckAccount;
}

/** The caller ends the check after 120 s; this way the error says where it was. */
const longestMs = 110_000;

/**
 * Logs in as a plain user, as an administrator and as a stranger, without a real browser: it follows redirects, keeps
 * cookies and fills in the login form. Throws with the page it ended on and what was expected.
 *
 * The service may have been broken into, so it is given nothing that it could use: each password is sent once, to the
 * login ({@link loginForm}). What the service gets is what every login gives it, a code for its own client.
 */
export async function checkLogin(check: LoginCheck, totalMs = longestMs): Promise<void> {
  const deadline: Deadline = {
    at: Date.now() + totalMs,
    why: `the login check takes longer than ${totalMs / 1000} s`,
  };
  const hosts = Object.fromEntries(Object.entries(check.ports).map(([host, port]) => [host, { port }]));
  // The administrator comes first: some programs make the first account an administrator.
  for (const role of ['admin', 'user'] as const) {
    const browser = new HeadlessBrowser(hosts, deadline);
    const pkce = freshPkce();
    const landed = await logIn(browser, check, check[role], pkce);
    if (!isAt(check.origin, landed))
      throw new Error(
        `the login of ${role === 'admin' ? 'an administrator' : 'a user'} ended at ${describePage(landed)}`,
      );
    const bearer = await exchangeCode(browser, check, landed, pkce);
    for (const each of check.pages) {
      const options = { follow: false, ...(bearer ? { bearer } : {}) };
      const page = await browser.open(`${check.origin}${each.path}`, options);
      if (page.status !== each[role])
        throw new Error(`${each.path} answers ${page.status} to ${role}, expected ${each[role]}`);
    }
  }
  const stranger = new HeadlessBrowser(hosts, deadline);
  const nobody = { name: 'nobody-known-here', password: 'not a password' };
  const refused = await logIn(stranger, check, nobody, freshPkce());
  if (!isAt(check.login, refused) || !loginForm(refused, check.login))
    throw new Error(`a stranger is not refused: the login ended at ${describePage(refused)}`);
  for (const each of check.pages) {
    const page = await stranger.open(`${check.origin}${each.path}`, { follow: false });
    if (page.status === 200) throw new Error(`${each.path} is shown to a stranger`);
  }
}

/** A secret of one login, and the hash of it that is shown at the start (RFC 7636 §4.1, §4.2). */
interface Pkce {
  verifier: string;
  challenge: string;
}
function freshPkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/**
 * The token that the landing page would get for its code, for services that do this in the browser (RFC 6749 §4.1.3).
 */
async function exchangeCode(
  browser: HeadlessBrowser,
  { exchange, origin }: LoginCheck,
  landed: Page,
  { verifier }: Pkce,
): Promise<string | undefined> {
  if (!exchange) return undefined;
  const code = new URL(landed.url).searchParams.get('code');
  if (!code) throw new Error(`the login returned no code, but led to ${describePage(landed)}`);
  const values: Record<string, string> = { '{origin}': origin, '{code}': code, '{verifier}': verifier };
  const form = Object.fromEntries(
    Object.entries(exchange.form).map(([name, value]) => [name, fill(value, values)]),
  );
  const page = await browser.open(`${origin}${exchange.path}`, { form, follow: false });
  const token = page.status === 200 ? accessTokenOf(page.body) : undefined;
  if (!token) throw new Error(`${exchange.path} did not return a token for the code: ${describePage(page)}`);
  return token;
}

/** The token in an answer (RFC 6749 §5.1); undefined when it has none that can be sent (RFC 6750 §2.1). */
function accessTokenOf(body: string): string | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch (error) {
    // The error would quote the answer; the caller says what is missing.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const token = typeof answer === 'object' && answer && 'access_token' in answer ? answer.access_token : '';
  return typeof token === 'string' && /^[\w.~+/-]+=*$/.test(token) ? token : undefined;
}

const fill = (text: string, values: Record<string, string>): string =>
  Object.entries(values).reduce((filled, [name, value]) => filled.replaceAll(name, value), text);

async function logIn(
  browser: HeadlessBrowser,
  check: LoginCheck,
  { name, password }: CheckAccount,
  { challenge }: Pkce,
): Promise<Page> {
  const begin = fill(check.begin, { '{origin}': check.origin, '{challenge}': challenge });
  const page = await browser.open(`${check.origin}${begin}`);
  const action = loginForm(page, check.login);
  if (!action)
    throw new Error(
      `${check.begin.split('?')[0]} does not lead to the login at ${check.login}, but to ${describePage(page)}`,
    );
  return browser.open(action, { form: { username: name, password, credentialId: '' } });
}

const isAt = (origin: string, { url }: Page): boolean => new URL(url).origin === origin;
