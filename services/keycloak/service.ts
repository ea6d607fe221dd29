import { createRequire } from 'node:module';
import type * as language from '@zxcvbn-ts/language-common';
import { z } from 'zod';
import { defineService, type FailedLogin } from '../../core/service.ts';
import { realmOf } from './realm.ts';

/** Uid of upstream's image, and of ours. */
const uid = 1000;

export default defineService({
  id: 'keycloak',
  title: 'Keycloak',
  summary:
    'Login for all services: single sign-on with passwords, passkeys and second factors, and one place to disable a user.',
  upstream: { name: 'Keycloak', url: 'https://www.keycloak.org', licence: 'Apache-2.0', version: '26.5.6' },
  images: { keycloak: { build: 'images/keycloak' } },
  options: z.strictObject({
    name: z
      .string()
      .max(60)
      .default('')
      .describe('Name of this cloud on the login pages and in emails. If empty: the domain.'),
    sessionHours: z
      .int()
      .min(1)
      .max(24 * 60)
      .default(24 * 7)
      .describe('After how many hours without activity users have to log in again.'),
    minimumPasswordLength: z
      .int()
      .min(8)
      .max(64)
      .default(12)
      .describe(
        'Minimum length of a password, in characters. A long password is better than a complicated one (NIST SP 800-63B).',
      ),
  }),
  provides: 'login',
  needs: {
    // The master realm is for the agent only, and metrics are not public.
    route: {
      subdomain: 'login',
      port: 'http',
      hidden: ['/realms/master*', '/admin/master*', '/metrics*', '/health*'],
    },
    ldap: 'federation',
    sending: true,
    database: true,
  },
  ports: { http: 8080, management: 9000 },
  upstreamUid: uid,
  secrets: {
    'db-password': { keycloak: uid },
    'admin-secret': { keycloak: uid },
  },
  healthChecks: [
    { port: 'management', path: '/health/ready', status: 200 },
    { port: 'http', path: '/realms/haven/.well-known/openid-configuration', status: 200 },
  ],
  failedLogins: [failedLogin()],
  memoryMb: 1280,
  startTimeoutSeconds: 300,
  files: (options, context) => ({
    // Leaked passwords that attackers try first; shorter ones are already refused for their length.
    'password-blacklists/common.txt': `${commonPasswords(options.minimumPasswordLength).join('\n')}\n`,
    'realm.json': `${JSON.stringify(realmOf(options, context), null, 2)}\n`,
  }),
});

/**
 * How Keycloak logs an event (JBossLoggingEventListenerProvider): each value in quotes, with a backslash before a quote in
 * it, and without line breaks. An unknown name counts, and so does a password for an account that is disabled or locked.
 */
function failedLogin(): FailedLogin {
  const value = String.raw`"[^"\\]*"`;
  return {
    container: 'keycloak',
    pattern:
      String.raw`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} WARN +\[org\.keycloak\.events\] \([^()]*\) ` +
      `type="LOGIN_ERROR", realmId=${value}, realmName="haven", clientId=${value}, userId=${value}, (?:sessionId=${value}, )?` +
      'ipAddress="{address}", error="(?:invalid_user_credentials|user_not_found|user_disabled|user_temporarily_disabled)"(?:, .*)?$',
    example:
      '2026-11-29 09:15:02,123 WARN  [org.keycloak.events] (executor-thread-12) type="LOGIN_ERROR", ' +
      'realmId="8a6e", realmName="haven", clientId="{name}", userId="null", ipAddress="203.0.113.7", ' +
      'error="user_not_found", auth_method="openid-connect", username="{name}"',
  };
}

/** Loaded here, since it unpacks all its words, which every command that reads the catalogue would wait for. */
function commonPasswords(minimum: number): string[] {
  const load = createRequire(import.meta.url);
  const { dictionary } = load('@zxcvbn-ts/language-common') as typeof language;
  return dictionary['passwords-common'].filter((each) => each.length >= minimum);
}
