import { createHash } from 'node:crypto';
import { z } from 'zod';
import { defineService } from '../../core/service.ts';
import { sqlHooks } from '../sql-hooks.ts';

/** An identifier is issuer/sub (src/sso.rs). */
const inDatabase = sqlHooks('vaultwarden', {
  account: `SELECT user_uuid AS id FROM sso_users WHERE identifier LIKE '%/' || :'subject'`,
  namesakes: `SELECT email FROM users WHERE email = :'email'`,
});

/** Upstream's image runs as any user it is told to. */
const uid = 2060;

export default defineService({
  id: 'vaultwarden',
  title: 'Vaultwarden',
  summary:
    'Password manager: a vault for each user that only they can open, for every browser and phone (Bitwarden).',
  summaryDe: 'Passwortmanager: ein Tresor, den nur du öffnen kannst, für Browser und Telefon (Bitwarden).',
  upstream: {
    name: 'Vaultwarden',
    url: 'https://github.com/dani-garcia/vaultwarden',
    licence: 'AGPL-3.0',
    version: '1.37.3',
  },
  images: {
    vaultwarden: {
      pull: 'docker.io/vaultwarden/server:1.37.3',
      replacement: 'images/vaultwarden-stub',
    },
  },
  options: z.strictObject({
    icons: z
      .boolean()
      .default(false)
      .describe(
        "Whether the vault shows websites' icons. The server then fetches them directly from those websites; anyone who knows its address can make it fetch one.",
      ),
    attachmentsMb: z
      .int()
      .min(0)
      .max(10_240)
      .default(512)
      .describe(
        "Space for each user's attachments, for what they send, and for each organization's attachments, in MB.",
      ),
  }),
  needs: {
    route: { subdomain: 'vault', port: 'http', hidden: ['/admin', '/admin/*'] },
    database: true,
    login: {
      callback: '/identity/connect/oidc-signin',
      begin:
        '/identity/connect/authorize?client_id=web&redirect_uri={origin}/sso-connector.html&response_type=code' +
        // The state is a key in Vaultwarden's database: a stranger could take one that can be guessed.
        '&scope=api%20offline_access&state={challenge}&code_challenge={challenge}&code_challenge_method=S256',
      // How the web page exchanges its code for a token.
      exchange: {
        path: '/identity/connect/token',
        form: {
          grant_type: 'authorization_code',
          client_id: 'web',
          redirect_uri: '{origin}/sso-connector.html',
          scope: 'api offline_access',
          code: '{code}',
          code_verifier: '{verifier}',
          device_identifier: probeDevice(),
          device_name: 'haven',
          device_type: '9',
        },
      },
      pages: [{ path: '/api/accounts/profile', user: 200, admin: 200 }],
      noAdmins: 'Its admin page is disabled: it would be protected only by a shared password.',
    },
  },
  ports: { http: 8080 },
  data: { files: { rollback: 'with-release', uid, quotaGb: 1 } },
  secrets: { 'db-password': { vaultwarden: uid }, 'oidc-secret': { vaultwarden: uid } },
  healthChecks: [{ port: 'http', path: '/alive', status: 200 }],
  memoryMb: 512,
  renameNotNeeded:
    'It shows addresses, and keeps the one that an account began with: the key of its vault is made from it.',
  userHooks: {
    // A new stamp makes every token invalid, and without a device nothing can ask for a new one (src/auth.rs).
    logOut: inDatabase(
      `UPDATE users SET security_stamp = gen_random_uuid()::text WHERE uuid IN (TABLE the_user);
       DELETE FROM devices WHERE user_uuid IN (TABLE the_user);`,
    ),
    // `enabled` is only checked at a login, so logOut follows. An organization's API key outlives the users who have seen
    // it, so it is revoked with its owners and admins.
    disable: inDatabase(
      `UPDATE users SET enabled = false WHERE uuid IN (TABLE the_user);
       DELETE FROM organization_api_key WHERE org_uuid IN
         (SELECT org_uuid FROM users_organizations WHERE atype IN (0, 1) AND user_uuid IN (TABLE the_user));`,
    ),
    enable: inDatabase(`UPDATE users SET enabled = true WHERE uuid IN (TABLE the_user);`),
    // Nobody else can open the vault, so it can't be transferred. It is kept, locked, under an address that no user
    // can get.
    remove: inDatabase(
      `UPDATE users SET enabled = false, email = uuid || '@removed.invalid' WHERE uuid IN (TABLE the_user);`,
    ),
  },
});

/** The device of the login checks: always the same one (RFC 9562 §5.8, a UUID of our own). */
function probeDevice(): string {
  const hex = createHash('sha256').update('haven-check').digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
