import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { loginForm } from '../../agent/checks/login-form.ts';
import { HeadlessBrowser, type Reach } from '../../system/headless-browser.ts';
import { answerQuestion, askInServerNetwork } from './server-network.ts';

/** Many users who log in, one after the other, at a given pace. */
export interface LoginLoad {
  loginHost: string;
  reach: Reach;
  users: string[];
  password: string;
  perSecond: number;
  seconds: number;
}

export interface LoginFigures {
  asked: number;
  done: number;
  failed: string[];
  perSecond: number;
  medianMs: number;
  p95Ms: number;
}

/** Runs the load in the network of a server, with this machine's Node: by its reverse proxy, or by a port of loopback. */
export async function loadLogins(machine: string, load: LoginLoad): Promise<LoginFigures> {
  return askInServerNetwork(machine, fileURLToPath(import.meta.url), load, (load.seconds + 60) * 1000);
}

async function generate(load: LoginLoad): Promise<LoginFigures> {
  const times: number[] = [];
  const failed: string[] = [];
  const begun = performance.now();
  const all: Promise<void>[] = [];
  const count = Math.round(load.perSecond * load.seconds);
  for (let number = 0; number < count; number++) {
    const due = begun + (number * 1000) / load.perSecond;
    await sleep(Math.max(0, due - performance.now()));
    const name = load.users[number % load.users.length]!;
    all.push(
      logIn(load, name).then(
        (ms) => void times.push(ms),
        (error: Error) => void failed.push(error.message),
      ),
    );
  }
  await Promise.all(all);
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
  return {
    asked: count,
    done: times.length,
    failed: [...new Set(failed)].slice(0, 3),
    perSecond: Number(((times.length * 1000) / (performance.now() - begun)).toFixed(1)),
    medianMs: at(0.5),
    p95Ms: at(0.95),
  };
}

/** From the first page to the code that a program redeems. */
async function logIn({ loginHost, reach, password }: LoginLoad, name: string): Promise<number> {
  const browser = new HeadlessBrowser({ [loginHost]: reach });
  const origin = `https://${loginHost}/realms/haven`;
  const query = new URLSearchParams({
    client_id: 'account-console',
    redirect_uri: `${origin}/account/`,
    response_type: 'code',
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  const began = performance.now();
  const page = await browser.open(`${origin}/protocol/openid-connect/auth?${query}`);
  const action = loginForm(page, `https://${loginHost}`);
  if (!action) throw new Error(`no form, but ${page.status}`);
  const landed = await browser.open(action, { form: { username: name, password, credentialId: '' } });
  if (!landed.url.startsWith(`${origin}/account/`)) throw new Error(`ends at ${landed.url.split('?')[0]}`);
  return performance.now() - began;
}

if (import.meta.main) await answerQuestion(generate);
