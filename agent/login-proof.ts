import { createHash, randomBytes } from 'node:crypto';
import { HeadlessBrowser, type Page } from '../system/headless-browser.ts';

/** Somebody with whom a login is tried. */
export interface Probe {
  name: string;
  password: string;
}

/** What `prove-login` needs: where the service and the login answer on loopback, and who shall get how far. */
export interface LoginTrial {
  service: string;
  origin: string;
  begin: string;
  exchange?: { path: string; form: Record<string, string> };
  proofs: { path: string; person: number; admin: number }[];
  /** Host → loopback port: all that this browser can reach. */
  ports: Record<string, number>;
  person: Probe;
  admin: Probe;
}

/**
 * Logs in as a plain person, as an administrator and as a stranger, without a browser: follows redirects, keeps cookies,
 * fills in the login's form. Throws with where it ended and what should have been.
 */
export async function proveLogin(trial: LoginTrial): Promise<void> {
  const hosts = Object.fromEntries(Object.entries(trial.ports).map(([host, port]) => [host, { port }]));
  // The administrator comes first: some programs make whoever comes first one.
  for (const role of ['admin', 'person'] as const) {
    const browser = new HeadlessBrowser(hosts);
    const pkce = freshPkce();
    const landed = await logIn(browser, trial, trial[role], pkce);
    if (!landed.url.startsWith(`${trial.origin}/`))
      throw new Error(
        `the login of ${role === 'admin' ? 'an administrator' : 'a person'} ends at ${describe(landed)}`,
      );
    const bearer = await exchangeCode(browser, trial, landed, pkce);
    for (const proof of trial.proofs) {
      const options = { follow: false, ...(bearer ? { bearer } : {}) };
      const page = await browser.open(`${trial.origin}${proof.path}`, options);
      if (page.status !== proof[role])
        throw new Error(`${proof.path} answers ${page.status} to ${role}, and should answer ${proof[role]}`);
    }
  }
  const stranger = new HeadlessBrowser(hosts);
  const nobody = { name: 'nobody-known-here', password: 'not a password' };
  const refused = await logIn(stranger, trial, nobody, freshPkce());
  if (refused.url.startsWith(`${trial.origin}/`) || !loginForm(refused))
    throw new Error(`a stranger is not refused: the login ends at ${describe(refused)}`);
  for (const proof of trial.proofs) {
    const page = await stranger.open(`${trial.origin}${proof.path}`, { follow: false });
    if (page.status === 200) throw new Error(`${proof.path} is shown to a stranger`);
  }
}

/** A secret of this way to the login, and what is shown of it at its beginning (RFC 7636 §4.1, §4.2). */
interface Pkce {
  verifier: string;
  challenge: string;
}
function freshPkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** The token for which the page that was landed on would trade its code, where it does that (RFC 6749 §4.1.3). */
async function exchangeCode(
  browser: HeadlessBrowser,
  { exchange, origin }: LoginTrial,
  landed: Page,
  { verifier }: Pkce,
): Promise<string | undefined> {
  if (!exchange) return undefined;
  const code = new URL(landed.url).searchParams.get('code');
  if (!code) throw new Error(`the login leads back without a code, to ${describe(landed)}`);
  const values: Record<string, string> = { '{origin}': origin, '{code}': code, '{verifier}': verifier };
  const form = Object.fromEntries(
    Object.entries(exchange.form).map(([name, value]) => [name, fill(value, values)]),
  );
  const page = await browser.open(`${origin}${exchange.path}`, { form, follow: false });
  const token = page.status === 200 ? (JSON.parse(page.body) as { access_token?: string }).access_token : '';
  if (!token) throw new Error(`${exchange.path} takes no code: ${describe(page)}`);
  return token;
}

const fill = (text: string, values: Record<string, string>): string =>
  Object.entries(values).reduce((filled, [name, value]) => filled.replaceAll(name, value), text);

async function logIn(
  browser: HeadlessBrowser,
  trial: LoginTrial,
  { name, password }: Probe,
  { challenge }: Pkce,
): Promise<Page> {
  const begin = fill(trial.begin, { '{origin}': trial.origin, '{challenge}': challenge });
  const page = await browser.open(`${trial.origin}${begin}`);
  const action = loginForm(page);
  if (!action)
    throw new Error(`${trial.begin.split('?')[0]} does not lead to the login, but to ${describe(page)}`);
  return browser.open(action, { form: { username: name, password, credentialId: '' } });
}

/** Where the login's form is sent to, if the page has one. */
export function loginForm(page: Page): string | undefined {
  const action = /<form[^>]*id="kc-form-login"[^>]*action="([^"]+)"/.exec(page.body)?.[1];
  return action?.replaceAll('&amp;', '&');
}

const describe = (page: Page): string => {
  const title = /<title>([^<]*)/.exec(page.body)?.[1]?.trim();
  return `${page.url.split('?')[0]} (${page.status}${title ? `, "${title}"` : ''})`;
};
