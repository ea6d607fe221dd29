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
    const landed = await logIn(browser, trial, trial[role]);
    if (!landed.url.startsWith(`${trial.origin}/`))
      throw new Error(
        `the login of ${role === 'admin' ? 'an administrator' : 'a person'} ends at ${describe(landed)}`,
      );
    for (const proof of trial.proofs) {
      const page = await browser.open(`${trial.origin}${proof.path}`, { follow: false });
      if (page.status !== proof[role])
        throw new Error(`${proof.path} answers ${page.status} to ${role}, and should answer ${proof[role]}`);
    }
  }
  const stranger = new HeadlessBrowser(hosts);
  const refused = await logIn(stranger, trial, { name: 'nobody-known-here', password: 'not a password' });
  if (refused.url.startsWith(`${trial.origin}/`) || !loginForm(refused))
    throw new Error(`a stranger is not refused: the login ends at ${describe(refused)}`);
  for (const proof of trial.proofs) {
    const page = await stranger.open(`${trial.origin}${proof.path}`, { follow: false });
    if (page.status === 200) throw new Error(`${proof.path} is shown to a stranger`);
  }
}

async function logIn(browser: HeadlessBrowser, trial: LoginTrial, { name, password }: Probe): Promise<Page> {
  const page = await browser.open(`${trial.origin}${trial.begin}`);
  const action = loginForm(page);
  if (!action) throw new Error(`${trial.begin} does not lead to the login, but to ${describe(page)}`);
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
