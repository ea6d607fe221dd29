import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Bundle } from '../../core/release/release.ts';
import { waitUntil } from '../../system/wait-until.ts';
import type { Caddy } from './caddy.ts';
import { freePort, goProgram } from './go-program.ts';
import { LoginProvider } from './login-provider.ts';
import { scratch } from './scratch.ts';

/** In so many groups that her session takes more than one cookie. */
const ada = {
  ...{ sub: '6b1f0c2e-0000-4000-8000-000000000001', name: 'ada', password: 'correct horse' },
  groups: Array.from({ length: 60 }, () => randomBytes(12).toString('hex')),
};

/** The real oauth2-proxy beside a service, as its release starts it, with a login at which ada has an account. */
export class AuthProxy {
  readonly login: LoginProvider;
  readonly host: string;
  readonly port: number;
  readonly #program: ChildProcess;

  private constructor(login: LoginProvider, host: string, port: number, program: ChildProcess) {
    this.login = login;
    this.host = host;
    this.port = port;
    this.#program = program;
  }

  /** `refresh` is how old a session gets before it is renewed at the login. */
  static async start({ release, files }: Bundle, { refresh }: { refresh: string }): Promise<AuthProxy> {
    const [route] = release.routes;
    const [redirectUri] = release.login?.redirectUris ?? [];
    assert.ok(route && redirectUri);
    const client = { id: release.service, secret: 'secret-of-the-client', redirectUri };
    const oauth2Proxy = await goProgram('oauth2-proxy');
    const login = await LoginProvider.open(client, [ada]);
    // In a new cloud it starts before the login.
    login.isAway = true;
    const port = await freePort();
    const folder = scratch('auth-proxy');
    writeFileSync(join(folder, 'oidc-secret'), client.secret);
    writeFileSync(join(folder, 'cookie-secret'), randomBytes(32).toString('base64url'));
    const { services } = parse(files['compose.yaml']!) as {
      services: Record<string, { command: string[] }>;
    };
    const command = services['auth-proxy']!.command.map((each) =>
      each
        .replace(/^(--oidc-issuer-url=).*/, `$1${login.issuer}`)
        .replace(/^(--login-url=).*/, `$1${login.issuer}/authorize`)
        .replace(/^(--redeem-url=).*/, `$1${login.issuer}/token`)
        .replace(/^(--profile-url=).*/, `$1${login.issuer}/userinfo`)
        .replace(/^(--oidc-jwks-url=).*/, `$1${login.issuer}/keys`)
        .replace(/^(--cookie-refresh=).*/, `$1${refresh}`)
        .replace('/run/secrets', folder)
        .replace('0.0.0.0:4180', `127.0.0.1:${port}`),
    );
    // As the reverse proxy's address is seen from inside a container.
    const program = spawn(oauth2Proxy, [...command, '--trusted-proxy-ip=127.0.0.1'], { stdio: 'ignore' });
    const started = new AuthProxy(login, route.host, port, program);
    try {
      await waitUntil('oauth2-proxy', async () => (await fetch(`http://127.0.0.1:${port}/ping`)).ok);
      login.isAway = false;
    } catch (error) {
      // What it leaves open would keep the test from ending.
      started.stop();
      throw error;
    }
    return started;
  }

  stop(): void {
    this.#program.kill();
    this.login.close();
  }

  /** Logs ada in, as a browser does; answers with the cookies of the session. */
  async logIn(caddy: Caddy): Promise<string> {
    const begun = await caddy.ask(this.host, {}, '/oauth2/start?rd=/');
    const form = new URLSearchParams({ username: ada.name, password: ada.password });
    const landed = await fetch(begun.headers.location!, { method: 'POST', body: form, redirect: 'manual' });
    const back = new URL(landed.headers.get('location')!);
    assert.equal(back.host, this.host);
    const path = `${back.pathname}${back.search}`;
    return cookiesOf(await caddy.ask(this.host, { cookie: cookiesOf(begun) }, path));
  }
}

/** The cookies that an answer sets, as a browser sends them afterwards. */
export const cookiesOf = ({ headers }: IncomingMessage): string =>
  (headers['set-cookie'] ?? [])
    .map((each) => each.split(';')[0]!)
    .filter((each) => !/^[^=]+=$/.test(each))
    .join('; ');
