import { readFileSync } from 'node:fs';
import { serve } from '@hono/node-server';
import postgres from 'postgres';
import { createApp } from './app.ts';
import { Login } from './login.ts';
import { Store } from './store.ts';

/** A variable under Vaultwarden's own name. */
function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

/** What is in the file that a variable names. */
const settingFile = (name: string): string => readFileSync(setting(name), 'utf8').trim();

const origin = setting('DOMAIN');
const login = new Login({
  issuer: setting('SSO_AUTHORITY'),
  client: setting('SSO_CLIENT_ID'),
  secret: settingFile('SSO_CLIENT_SECRET_FILE'),
  origin,
});
const sql = postgres(settingFile('DATABASE_URL_FILE'), { max: 4, onnotice: () => undefined });
const store = new Store(sql);
await store.prepare();
console.log('This is a stub for Vaultwarden: it logs users in and keeps no passwords.');
const server = serve({
  fetch: createApp({ origin, signupsAllowed: process.env.SIGNUPS_ALLOWED !== 'false' }, login, store).fetch,
  port: Number(setting('ROCKET_PORT')),
});
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => server.close(() => void sql.end()));
