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
  files: () => ({ 'login-source.sh': loginSource }),
});

/** Gitea reads where people log in from its own table, when it starts. Type 6 is OAuth 2 (models/auth/source.go). */
const loginSource = `#!/bin/bash
set -euo pipefail
export PGPASSWORD
PGPASSWORD=$(cat /run/secrets/db-password)
secret=$(cat /run/secrets/oidc-secret)
psql --host db --username gitea --no-psqlrc --quiet --set ON_ERROR_STOP=1 gitea <<SQL
INSERT INTO login_source (type, name, is_active, is_sync_enabled, two_factor_policy, cfg, created_unix, updated_unix)
VALUES (6, 'haven', true, false, 'skip', json_build_object(
  'Provider', 'openidConnect',
  'ClientID', '$LOGIN_CLIENT',
  'ClientSecret', '$secret',
  'OpenIDConnectAutoDiscoveryURL', '$LOGIN_ISSUER/.well-known/openid-configuration',
  'Scopes', json_build_array('profile', 'email', 'groups'),
  'GroupClaimName', 'groups',
  'AdminGroup', '${directory.admins}'
)::text, extract(epoch FROM now())::bigint, extract(epoch FROM now())::bigint)
ON CONFLICT (name) DO UPDATE SET cfg = excluded.cfg, is_active = true, updated_unix = excluded.updated_unix;
SQL
`;
