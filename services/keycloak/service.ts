import { dictionary } from '@zxcvbn-ts/language-common';
import { z } from 'zod';
import { defineService } from '../../core/service.ts';
import { realmOf } from './realm.ts';

/** Uid of upstream's image, and of ours. */
const uid = 1000;

export default defineService({
  id: 'keycloak',
  title: 'Login',
  summary:
    'One login for everything: password, passkey, second factor, and one place to switch somebody off.',
  upstream: { name: 'Keycloak', url: 'https://www.keycloak.org', licence: 'Apache-2.0', version: '26.5.6' },
  images: { keycloak: { build: 'images/keycloak' } },
  options: z.strictObject({
    name: z
      .string()
      .max(60)
      .default('')
      .describe('What the login calls this cloud; the domain where it is empty.'),
    sessionHours: z
      .int()
      .min(1)
      .max(24 * 60)
      .default(24 * 7)
      .describe('After how many hours of doing nothing somebody has to log in again.'),
    minimumPasswordLength: z
      .int()
      .min(8)
      .max(64)
      .default(12)
      .describe(
        'How long a password must be, in characters. Length counts for more than odd characters (NIST SP 800-63B).',
      ),
  }),
  provides: 'login',
  needs: {
    // The first realm is the agent's alone, and what machines measure is nobody else's business.
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
    // With these two the agent proves logins.
    'check-user': {},
    'check-admin': {},
  },
  healthChecks: [
    { port: 'management', path: '/health/ready', status: 200 },
    { port: 'http', path: '/realms/haven/.well-known/openid-configuration', status: 200 },
  ],
  memoryMb: 1280,
  startTimeoutSeconds: 300,
  files: (options, context) => ({
    // Passwords that leaked so often that they are tried first; shorter ones are refused for their length.
    'password-blacklists/common.txt': `${commonPasswords(options.minimumPasswordLength).join('\n')}\n`,
    'realm.json': `${JSON.stringify(realmOf(options, context), null, 2)}\n`,
  }),
});

const commonPasswords = (minimum: number): string[] =>
  dictionary['passwords-common'].filter((each) => each.length >= minimum);
