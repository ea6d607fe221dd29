import { createHash, randomBytes } from 'node:crypto';
import { HeadlessBrowser, type Page } from '../../system/headless-browser.ts';
import { printable } from '../../system/printable.ts';

/** An account that a login check uses. */
export interface CheckAccount {
  name: string;
  password: string;
}

/** Input of `check-login`: where the service and the login answer on loopback, and which pages each role may open. */
export interface LoginCheck {
  service: string;
  origin: string;
  begin: string;
  exchange?: { path: string; form: Record<string, string> };
  pages: { path: string; user: number; admin: number }[];
  /** Host → loopback port: the only addresses this browser can reach. */
  ports: Record<string, number>;
  user: CheckAccount;
  admin: CheckAccount;
}

/**
 * Logs in as a plain user, as an administrator and as a stranger, without a real browser: it follows redirects, keeps
 * cookies and fills in the login form. Throws with the page it ended on and what was expected.
 */
export async function checkLogin(check: LoginCheck): Promise<void> {
  const hosts = Object.fromEntries(Object.entries(check.ports).map(([host, port]) => [host, { port }]));
  // The administrator comes first: some programs make the first account an administrator.
  for (const role of ['admin', 'user'] as const) {
    const browser = new HeadlessBrowser(hosts);
    const pkce = freshPkce();
    const landed = await logIn(browser, check, check[role], pkce);
    if (!landed.url.startsWith(`${check.origin}/`))
      throw new Error(
        `the login of ${role === 'admin' ? 'an administrator' : 'a user'} ended at ${describe(landed)}`,
      );
    const bearer = await exchangeCode(browser, check, landed, pkce);
    for (const each of check.pages) {
      const options = { follow: false, ...(bearer ? { bearer } : {}) };
      const page = await browser.open(`${check.origin}${each.path}`, options);
      if (page.status !== each[role])
        throw new Error(`${each.path} answers ${page.status} to ${role}, expected ${each[role]}`);
    }
  }
  const stranger = new HeadlessBrowser(hosts);
  const nobody = { name: 'nobody-known-here', password: 'not a password' };
  const refused = await logIn(stranger, check, nobody, freshPkce());
  if (refused.url.startsWith(`${check.origin}/`) || !loginForm(refused))
    throw new Error(`a stranger is not refused: the login ended at ${describe(refused)}`);
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
  if (!code) throw new Error(`the login returned no code, but led to ${describe(landed)}`);
  const values: Record<string, string> = { '{origin}': origin, '{code}': code, '{verifier}': verifier };
  const form = Object.fromEntries(
    Object.entries(exchange.form).map(([name, value]) => [name, fill(value, values)]),
  );
  const page = await browser.open(`${origin}${exchange.path}`, { form, follow: false });
  const token = page.status === 200 ? (JSON.parse(page.body) as { access_token?: string }).access_token : '';
  if (!token) throw new Error(`${exchange.path} did not accept the code: ${describe(page)}`);
  return token;
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
  const action = loginForm(page);
  if (!action)
    throw new Error(`${check.begin.split('?')[0]} does not lead to the login, but to ${describe(page)}`);
  return browser.open(action, { form: { username: name, password, credentialId: '' } });
}

/** The address the login form posts to, if the page has a login form. */
export function loginForm(page: Page): string | undefined {
  const action = /<form[^>]*id="kc-form-login"[^>]*action="([^"]+)"/.exec(page.body)?.[1];
  return action?.replaceAll('&amp;', '&');
}

const describe = (page: Page): string => {
  const title = printable(/<title>([^<]*)/.exec(page.body)?.[1] ?? '').trim();
  return `${page.url.split('?')[0]} (${page.status}${title ? `, "${title}"` : ''})`;
};
