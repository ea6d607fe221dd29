import { z } from 'zod';
import { postgresUid } from '../../core/compose.ts';
import { directory } from '../../core/directory.ts';
import { defineService } from '../service.ts';

/** Uid of upstream's rootless image, and of ours. */
const uid = 1000;

export default defineService({
  id: 'gitea',
  title: 'Gitea',
  summary: 'Git repositories with issues, pull requests, releases and packages, over HTTPS and SSH.',
  summaryDe: 'Git-Repositorien mit Issues, Pull Requests, Releases und Paketen.',
  upstream: { name: 'Gitea', url: 'https://about.gitea.com', licence: 'MIT', version: '1.25.5' },
  images: { gitea: { build: 'images/gitea' } },
  options: z.strictObject({
    title: z.string().min(1).max(60).default('Git').describe('What stands at the top of its pages.'),
    signInToSee: z
      .boolean()
      .default(true)
      .describe('Whether public repositories, too, are shown only to who is logged in.'),
    maxFileMb: z
      .int()
      .min(1)
      .max(4096)
      .default(256)
      .describe('How big one attachment or one file uploaded in the browser may be, in MB.'),
  }),
  needs: {
    route: { subdomain: 'git', port: 'http' },
    tcp: [{ public: 2222, port: 'ssh', reason: 'Git over SSH; the server itself has port 22.' }],
    database: true,
    login: {
      callback: '/user/oauth2/haven/callback',
      begin: '/user/oauth2/haven',
      admins: directory.admins,
      proofs: [
        { path: '/user/settings', person: 200, admin: 200 },
        { path: '/-/admin', person: 403, admin: 200 },
      ],
    },
  },
  ports: { http: 3000, ssh: 2222 },
  data: { files: { rollback: 'with-release', uid } },
  secrets: {
    'db-password': { gitea: uid, login: postgresUid },
    'oidc-secret': { login: postgresUid },
    'secret-key': { gitea: uid },
    'internal-token': { gitea: uid },
    'jwt-secret': { gitea: uid },
    'lfs-jwt-secret': { gitea: uid },
  },
  proofs: [{ port: 'http', path: '/api/healthz', status: 200 }],
  memoryMb: 768,
  startTimeoutSeconds: 180,
  people: {
    // Whoever may not log in is refused everywhere: pages, tokens, keys (services/auth, routers/private/serv.go).
    disable: inDatabase('prohibit_login = true'),
    enable: inDatabase('prohibit_login = false'),
    remove: { container: 'gitea', command: ['bash', '/haven/hand-on.sh'] },
    // It renames only accounts of its own (services/user/user.go), so for that moment this is one: type 0, and 6 is OAuth 2.
    rename: [
      inDatabase('login_type = 0'),
      { container: 'gitea', command: ['bash', '/haven/rename.sh'] },
      { ...inDatabase('login_type = 6'), always: true },
    ],
  },
});

/** Changes the row of a person, found by their `sub` at the login. */
function inDatabase(change: string): { container: string; command: string[] } {
  const psql = `psql -U postgres -d gitea -q -v ON_ERROR_STOP=1 -v subject="$SUBJECT"`;
  const statement = `UPDATE \\"user\\" SET ${change} WHERE login_name = :'subject';`;
  return { container: 'db', command: ['bash', '-c', `${psql} <<< "${statement}"`] };
}
