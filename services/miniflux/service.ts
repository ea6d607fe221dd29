import { z } from 'zod';
import { defineService } from '../../core/service.ts';
import { ldap } from '../../core/users/ldap.ts';
import { userHooks } from './user-hooks.ts';

export default defineService({
  id: 'miniflux',
  title: 'Miniflux',
  summary: 'Feed reader: news from any website, in the order it was published (RSS and Atom).',
  summaryDe: 'Feed-Reader: Neues von jeder Website, der Reihe nach (RSS und Atom).',
  upstream: { name: 'Miniflux', url: 'https://miniflux.app', licence: 'Apache-2.0', version: '2.3.3' },
  images: { miniflux: { build: 'images/miniflux' } },
  options: z.strictObject({}),
  needs: {
    route: { subdomain: 'news', port: 'http' },
    database: true,
    login: {
      callback: '/oauth2/oidc/callback',
      mayComeLater: true,
      begin: '/oauth2/oidc/redirect',
      admins: ldap.admins,
      pages: [
        { path: '/settings', user: 200, admin: 200 },
        { path: '/users', user: 403, admin: 200 },
      ],
    },
  },
  ports: { http: 8080 },
  secrets: { 'db-password': { miniflux: 2070 }, 'oidc-secret': { miniflux: 2070 } },
  healthChecks: [{ port: 'http', path: '/healthcheck', status: 200 }],
  memoryMb: 384,
  userHooks,
});
