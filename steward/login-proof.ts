import { request } from 'node:http';

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
  // The administrator comes first: some programs make whoever comes first one.
  for (const role of ['admin', 'person'] as const) {
    const browser = new HeadlessBrowser(trial.ports);
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
  const stranger = new HeadlessBrowser(trial.ports);
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
function loginForm(page: Page): string | undefined {
  const action = /<form[^>]*id="kc-form-login"[^>]*action="([^"]+)"/.exec(page.body)?.[1];
  return action?.replaceAll('&amp;', '&');
}

const describe = (page: Page): string => {
  const title = /<title>([^<]*)/.exec(page.body)?.[1]?.trim();
  return `${page.url.split('?')[0]} (${page.status}${title ? `, "${title}"` : ''})`;
};

interface Page {
  url: string;
  status: number;
  body: string;
}

/** Just enough of a browser: redirects, cookies by host, forms. It reaches what it is told of, on loopback. */
class HeadlessBrowser {
  readonly #ports: Record<string, number>;
  readonly #cookies = new Map<string, Map<string, string>>();

  constructor(ports: Record<string, number>) {
    this.#ports = ports;
  }

  async open(
    address: string,
    { form, follow = true }: { form?: Record<string, string>; follow?: boolean } = {},
  ): Promise<Page> {
    let url = new URL(address);
    let body = form ? new URLSearchParams(form).toString() : undefined;
    for (let hops = 0; hops < 20; hops++) {
      const answer = await this.#ask(url, body);
      if (!follow || !answer.location) return { url: url.href, status: answer.status, body: answer.body };
      url = new URL(answer.location, url);
      body = undefined;
    }
    throw new Error(`${address} leads from one place to the next without end`);
  }

  #ask(url: URL, body: string | undefined): Promise<{ status: number; body: string; location?: string }> {
    const port = this.#ports[url.host];
    if (!port) throw new Error(`it leads to ${url.origin}, which is no part of this`);
    const jar = this.#cookies.get(url.host) ?? new Map<string, string>();
    this.#cookies.set(url.host, jar);
    const headers = {
      host: url.host,
      'x-forwarded-proto': 'https',
      'x-forwarded-host': url.host,
      'x-forwarded-for': '127.0.0.1',
      cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
      ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    };
    return new Promise((resolve, reject) => {
      const method = body === undefined ? 'GET' : 'POST';
      const path = `${url.pathname}${url.search}`;
      const asked = request({ host: '127.0.0.1', port, method, path, headers, timeout: 15_000 }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          for (const cookie of answer.headers['set-cookie'] ?? []) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
            if (!name) continue;
            if (/max-age=0|expires=thu, 01[ -]jan[ -]1970/i.test(cookie)) jar.delete(name);
            else jar.set(name, value ?? '');
          }
          const { location } = answer.headers;
          const text = Buffer.concat(chunks).toString();
          resolve({ status: answer.statusCode ?? 0, body: text, ...(location ? { location } : {}) });
        });
      });
      asked.on('timeout', () => asked.destroy(new Error(`${url.host} does not answer within 15 s`)));
      asked.on('error', reject);
      asked.end(body);
    });
  }
}
