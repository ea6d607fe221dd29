import { z } from 'zod';
import type { UpstreamImage } from '../../core/release/upstream-image.ts';
import type { CatalogueEntry, ServiceDefinition, ServiceLogin, UserHook } from '../../core/service.ts';
import type { Advisory } from '../../services/advisories.ts';
import type { World } from './subject.ts';

/** A service without a mistake, for tests that plant one. */
export interface Draft {
  definition: ServiceDefinition;
  compose: string;
  files: Record<string, string>;
  /** Name of its folder. */
  folder: string;
  dockerfiles: Record<string, string>;
  /** What upstream's images have, by the folders that replace them. */
  upstream: Record<string, UpstreamImage>;
  others: ServiceDefinition[];
  advisories: Advisory[];
}

const hook: UserHook = { container: 'db', command: ['true'] };

/** A new one each time: a mistake may change anything in it. */
export const goodService = (): Draft => ({
  definition: {
    id: 'notes',
    title: 'Notes',
    summary: 'Notes for everyone.',
    upstream: { name: 'Notes', url: 'https://example.org', licence: 'MIT', version: '1.2.3' },
    images: {
      notes: { build: 'images/notes' },
      search: { pull: 'docker.io/example/search:1.2.3-slim', replacement: 'images/search-stub' },
    },
    options: z.strictObject({ pageSize: z.int().default(20).describe('How many notes a page shows.') }),
    needs: {
      route: { subdomain: 'notes', port: 'http' },
      tcp: [{ public: 2525, port: 'sync', reason: 'Phones sync over it.' }],
      database: true,
      login: {
        callback: '/login/callback',
        begin: '/login',
        admins: 'admins',
        pages: [
          { path: '/me', user: 200, admin: 200 },
          { path: '/admin', user: 403, admin: 200 },
        ],
      },
    },
    ports: { http: 8080, sync: 9000 },
    data: { files: { rollback: 'with-release', uid: 9010, quotaGb: 1 } },
    secrets: { 'db-password': { notes: 9010 }, 'oidc-secret': { notes: 9010 } },
    healthChecks: [{ port: 'http', path: '/health', status: 200 }],
    memoryMb: 448,
    failedLogins: [
      {
        container: 'notes',
        pattern: '^login of "(?:[^"\\\\]|\\\\.)*" from {address} failed$',
        example: 'login of "{name}" from 203.0.113.7 failed',
      },
    ],
    userHooks: { logOut: hook, disable: hook, enable: hook, remove: hook, rename: [hook] },
  },
  compose: `services:
  notes:
    image: \${IMAGE_NOTES}
    command: serve --page-size=\${OPTION_PAGE_SIZE}
    environment:
      ISSUER: \${LOGIN_ISSUER}
      CLIENT_ID: \${LOGIN_CLIENT}
      TOKEN_ENDPOINT: \${LOGIN_ISSUER}/protocol/openid-connect/token
      KEYSERVER: https://keys.example.org
      ADMIN_GROUP: \${LOGIN_ADMINS}
      LOGIN_REDIRECT_URL: https://\${HOST}/login/callback
      DATABASE_PASSWORD_FILE: /run/secrets/db-password
      CLIENT_SECRET_FILE: /run/secrets/oidc-secret
    secrets: [db-password, oidc-secret]
    volumes: ["\${DATA_FILES}:/data", "./files/start.sh:/start.sh:ro"]
    ports: ["127.0.0.1:\${PORT_HTTP}:8080", "127.0.0.1:\${PORT_SYNC}:9000"]
    tmpfs: ["/run/notes:uid=9010,gid=9010"]
    cap_drop: [ALL]
    mem_limit: 128m
    healthcheck: { test: [CMD, notes, --health] }
  search:
    image: \${IMAGE_SEARCH}
    user: "9011:9011"
    cap_drop: [ALL]
    mem_limit: 64m
    healthcheck: { test: [CMD, search, --health] }

secrets:
  db-password: { file: "\${SECRET_DB_PASSWORD_NOTES}" }
  oidc-secret: { file: "\${SECRET_OIDC_SECRET_NOTES}" }
`,
  files: { 'start.sh': 'password=$(cat /run/secrets/db-password)\n' },
  folder: 'notes',
  advisories: [],
  dockerfiles: {
    'images/notes':
      'ARG UPSTREAM=example.org/notes:v1.2.3-slim\nFROM ${UPSTREAM} AS upstream\nFROM debian\nUSER 9010:9010\n',
    'images/search-stub': 'FROM debian\nUSER 9011:9011\n',
    'images/oauth2-proxy': 'FROM debian\nUSER 2040:2040\nHEALTHCHECK CMD true\n',
    'images/postgres': 'FROM debian\nUSER 2020:2020\nHEALTHCHECK CMD true\n',
  },
  upstream: {
    'images/search-stub': {
      image: 'docker.io/example/search:1.2.3-slim',
      source: 'https://example.org/Dockerfile',
      user: 'any',
      entrypoint: ['/usr/bin/search'],
      command: ['serve'],
      paths: ['/bin/sh', '/usr/bin/search', '/index'],
      tools: ['sh', 'cat', 'search'],
    },
  },
  others: [
    {
      id: 'calendar',
      title: 'Calendar',
      summary: 'A calendar.',
      upstream: { name: 'Calendar', url: 'https://example.org', licence: 'MIT', version: '1' },
      images: {},
      options: z.strictObject({}),
      data: { events: { rollback: 'never', uid: 9020, quotaGb: 1 } },
      healthChecks: [],
      memoryMb: 1,
    },
  ],
});

/** Changes the text of compose.yaml; a change of text that is not there would be no mistake at all. */
export function edit(draft: Draft, from: string, to: string): void {
  if (!draft.compose.includes(from)) throw new Error(`compose.yaml of the good service has no "${from}"`);
  draft.compose = draft.compose.replace(from, to);
}

export const entryOf = ({ definition, compose, files, folder }: Draft): CatalogueEntry => ({
  definition,
  compose,
  files,
  folder: `/services/${folder}`,
});

export const worldOf = ({ dockerfiles, upstream, others, advisories }: Draft): World => ({
  dockerfile: (folder) => dockerfiles[folder],
  upstream: (folder) => upstream[folder],
  others,
  advisories,
});

/** Its login, for a mistake that changes one thing of it. */
export function loginOf({ definition }: Draft): ServiceLogin & { admins: string } {
  const login = definition.needs?.login;
  if (!login || login.admins === undefined)
    throw new Error('the good service has no login with administrators');
  return login;
}

/** Makes all of its main program run as another uid. */
export function asUid(draft: Draft, uid: number): void {
  const text = (from: string) => from.replaceAll('9010', String(uid)).replaceAll('9011', String(uid));
  draft.compose = text(draft.compose);
  draft.dockerfiles = Object.fromEntries(
    Object.entries(draft.dockerfiles).map(([folder, dockerfile]) => [folder, text(dockerfile)]),
  );
  draft.definition.data = { files: { rollback: 'with-release', uid, quotaGb: 1 } };
  draft.definition.secrets = { 'db-password': { notes: uid }, 'oidc-secret': { notes: uid } };
}
