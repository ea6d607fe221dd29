import { existsSync, readFileSync } from 'node:fs';
import { serve } from '@hono/node-server';
import { createApp } from './app.ts';
import { AppPasswords } from './app-passwords.ts';
import type { Cloud, Status } from './cloud.ts';
import { reverseProxyOnly } from './reverse-proxy-only.ts';

const cloud = JSON.parse(readFileSync('/etc/portal/cloud.json', 'utf8')) as Cloud;
const statusFile = '/status/status.json';
const readStatus = (): Status | undefined =>
  existsSync(statusFile) ? (JSON.parse(readFileSync(statusFile, 'utf8')) as Status) : undefined;

const setting = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};
const passwords = new AppPasswords({
  url: setting('LDAP_URL'),
  dn: setting('LDAP_BIND_DN'),
  password: readFileSync('/run/secrets/bind-password', 'utf8').trim(),
  base: setting('LDAP_LOGINS'),
});
const app = createApp(
  cloud,
  readStatus,
  passwords,
  reverseProxyOnly(readFileSync('/proc/net/route', 'utf8')),
);
const server = serve({ fetch: app.fetch, port: 8080 });
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => server.close());
