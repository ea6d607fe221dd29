import { z } from 'zod';
import { defineService, type UserHook } from '../../../core/service.ts';
import { ldap } from '../../../core/users/ldap.ts';

/** Uid of its program; the image is the ledger's. */
const uid = 2920;

/** Says what it was asked to do, as it says everything. */
const hook: UserHook = {
  container: 'app',
  command: ['node', '-e', "console.log(require('/hostile/escapes.cjs').escapes + 'done')"],
};

/** A service that was broken into: it tries everything that a program in a container can try (files/). */
export default defineService({
  id: 'hostile',
  title: 'Hostile',
  summary: "The tests' own service: attacks everything that it can reach.",
  upstream: { name: 'OpenHaven', licence: 'Apache-2.0', version: '1' },
  images: { app: { build: 'test/services/ledger/image' } },
  options: z.strictObject({}),
  needs: {
    route: { subdomain: 'hostile', port: 'http' },
    login: {
      callback: '/callback',
      begin: '/begin',
      admins: ldap.admins,
      pages: [
        { path: '/me', user: 200, admin: 200 },
        { path: '/admin', user: 403, admin: 200 },
      ],
    },
  },
  renameNotNeeded: 'It shows no name.',
  userHooks: { logOut: hook, disable: hook, enable: hook, remove: hook },
  ports: { http: 8080 },
  data: { files: { rollback: 'with-release', uid, quotaGb: 1 } },
  secrets: { 'oidc-secret': { app: uid } },
  healthChecks: [{ port: 'http', path: '/health', status: 200 }],
  memoryMb: 512,
  startTimeoutSeconds: 20,
});
