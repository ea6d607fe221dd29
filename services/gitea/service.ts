import { z } from 'zod';
import { defineService, type UserHook } from '../../core/service.ts';
import { ldap } from '../../core/users/ldap.ts';
import { sqlHooks } from '../sql-hooks.ts';

/** Uid of upstream's rootless image. */
const uid = 1000;

const inDatabase = sqlHooks('gitea', {
  account: `SELECT id FROM "user" WHERE login_name = :'subject'`,
  namesakes: `
    SELECT name FROM "user" WHERE type = 0 AND (lower_name = lower(:'name')
      OR id IN (SELECT uid FROM email_address WHERE lower_email = lower(:'email')))`,
});

/**
 * A session is a map in Go's own encoding (encoding/gob), with the user's number after the word `uid`: its length in
 * bytes, a zero, twice the number. From 128 on, another byte in front gives the number's own length, counted down
 * from 256.
 */
const endSessions = `
  DELETE FROM session USING (
    SELECT decode(lpad(to_hex(id * 2), width * 2, '0'), 'hex') AS number, width, id FROM (
      SELECT id, CASE WHEN id < 128 THEN 1 WHEN id < 32768 THEN 2 WHEN id < 8388608 THEN 3 ELSE 4 END AS width
      FROM "user" WHERE id IN (TABLE the_user)
    ) AS account
  ) AS known
  WHERE position(
    '\\x0375696405696e74363404'::bytea
    || CASE WHEN id < 64 THEN '\\x0200'::bytea
       ELSE decode(lpad(to_hex(width + 2), 2, '0') || '00' || to_hex(256 - width), 'hex') END
    || number IN data) > 0;`;

export default defineService({
  id: 'gitea',
  title: 'Gitea',
  summary:
    'Code hosting: Git repositories with issues, pull requests, releases and packages, over HTTPS and SSH.',
  summaryDe: 'Quellcode verwalten: Git-Repositories mit Issues, Pull Requests, Releases und Paketen.',
  upstream: { name: 'Gitea', url: 'https://about.gitea.com', licence: 'MIT', version: '1.25.5' },
  images: {
    gitea: { pull: 'docker.gitea.com/gitea:1.25.5-rootless', replacement: 'images/gitea' },
  },
  options: z.strictObject({
    title: z.string().min(1).max(60).default('Git').describe('Title shown on every page.'),
    signInToSee: z
      .boolean()
      .default(true)
      .describe('Whether only logged-in users can see public repositories.'),
    maxFileMb: z
      .int()
      .min(1)
      .max(4096)
      .default(256)
      .describe('Maximum size of an attachment or of a file uploaded in the browser, in MB.'),
  }),
  needs: {
    route: {
      subdomain: 'git',
      port: 'http',
      // Here users could give themselves another user's address or full name: these paths of the API do not check
      // USER_DISABLED_FEATURES (routers/api/v1/user/email.go and settings.go). Gitea ignores a slash at the end.
      hidden: ['/api/v1/user/emails*', '/api/v1/user/settings*'],
    },
    tcp: [{ public: 2222, port: 'ssh', reason: 'Git over SSH (port 22 belongs to the server itself).' }],
    database: true,
    login: {
      callback: '/user/oauth2/haven/callback',
      mayComeLater: true,
      begin: '/user/oauth2/haven',
      admins: ldap.admins,
      pages: [
        { path: '/user/settings', user: 200, admin: 200 },
        { path: '/-/admin', user: 403, admin: 200 },
      ],
    },
  },
  ports: { http: 3000, ssh: 2222 },
  upstreamUid: uid,
  data: { files: { rollback: 'with-release', uid, quotaGb: 3 } },
  secrets: {
    'db-password': { gitea: uid, login: uid },
    'oidc-secret': { login: uid },
    'secret-key': { gitea: uid },
    'internal-token': { gitea: uid },
    'jwt-secret': { gitea: uid },
    'lfs-jwt-secret': { gitea: uid },
  },
  healthChecks: [{ port: 'http', path: '/api/healthz', status: 200 }],
  memoryMb: 768,
  startTimeoutSeconds: 180,
  userHooks: {
    add: { container: 'gitea', command: ['bash', '/haven/add.sh'] },
    // A user with this flag is refused everywhere: pages, tokens, keys (services/auth, routers/private/serv.go).
    disable: changed('prohibit_login = true'),
    enable: changed('prohibit_login = false'),
    logOut: inDatabase(endSessions),
    remove: { container: 'gitea', command: ['bash', '/haven/remove.sh'] },
    rename: [{ container: 'gitea', command: ['bash', '/haven/rename.sh'] }],
  },
});

/** Updates the row of a user. */
function changed(change: string): UserHook {
  return inDatabase(`UPDATE "user" SET ${change} WHERE id IN (TABLE the_user);`);
}
