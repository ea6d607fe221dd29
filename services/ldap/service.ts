import { z } from 'zod';
import { defineService } from '../../core/service.ts';
import { baseLdif, havenSchema, slapdConf } from './slapd.ts';

/** Uid of slapd in our image (`images/openldap`). */
const uid = 2030;

export default defineService({
  id: 'ldap',
  title: 'LDAP',
  summary: 'Stores the users of this cloud, their groups and their passwords. Every login checks them here.',
  upstream: { name: 'OpenLDAP', url: 'https://www.openldap.org', licence: 'OLDAP-2.8', version: '2.6.10' },
  images: { slapd: { build: 'images/openldap' } },
  options: z.strictObject({}),
  provides: 'ldap',
  ports: { ldaps: 636 },
  // Users change their passwords at any time, so undoing a failed change would also undo new passwords.
  data: { entries: { rollback: 'never', uid, quotaGb: 1 } },
  secrets: { 'bind-agent': { slapd: uid } },
  certificate: { slapd: uid },
  healthChecks: [{ port: 'ldaps', tls: 'ldap' }],
  memoryMb: 192,
  files: () => ({
    'slapd.conf': slapdConf,
    'haven.schema': havenSchema,
    'base.ldif': baseLdif,
  }),
});
