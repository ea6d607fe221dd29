import { z } from 'zod';
import { defineService } from '../../../core/service.ts';

/** Uid of Radicale in its image. */
const uid = 2910;

export default defineService({
  id: 'calendar',
  title: 'Calendar',
  summary: 'Radicale, which knows no login but LDAP: calendars and contacts by CalDAV and CardDAV.',
  upstream: { name: 'Radicale', url: 'https://radicale.org', licence: 'GPL-3.0', version: '3.5.0' },
  images: { radicale: { build: 'test/services/calendar/image' } },
  options: z.strictObject({}),
  needs: { route: { subdomain: 'calendar', port: 'http' }, ldap: 'readers' },
  ports: { http: 5232 },
  data: { collections: { rollback: 'with-release', uid, quotaGb: 1 } },
  secrets: { 'bind-password': { radicale: uid } },
  healthChecks: [{ port: 'http', path: '/.web/', status: 200 }],
  memoryMb: 128,
});
