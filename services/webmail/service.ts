import { z } from 'zod';
import { defineService, type UserHook } from '../../core/service.ts';

const uid = 2090;
const hook = (action: 'log-out' | 'remove' | 'rename'): UserHook => ({
  container: 'roundcube',
  command: ['php', '/etc/haven/user-hook.php', action],
});

export default defineService({
  id: 'webmail',
  title: 'Webmail',
  summary:
    'Email in the browser, on every phone and computer: read, write, search and filter it (Roundcube).',
  summaryDe:
    'E-Mails im Browser, auf Telefon und Computer: lesen, schreiben, suchen und filtern (Roundcube).',
  upstream: { name: 'Roundcube', url: 'https://roundcube.net', licence: 'GPL-3.0-or-later', version: '1.6' },
  images: { roundcube: { build: 'images/roundcube' } },
  options: z.strictObject({}),
  needs: {
    route: { subdomain: 'webmail', port: 'http', hidden: ['/healthz'] },
    login: {
      callback: '/index.php/login/oauth',
      begin: '/',
      mayComeLater: true,
      pages: [{ path: '/?_task=settings', user: 200, admin: 200 }],
      noAdmins: 'Nothing is administered in it: its settings are files of the release.',
    },
    // Contacts: the other users of this cloud.
    ldap: 'readers',
    mail: true,
  },
  ports: { http: 8080 },
  // Contacts, settings and sessions. Email itself is in the mailboxes of mail.
  data: { accounts: { rollback: 'with-release', uid, quotaGb: 1 } },
  secrets: {
    'oidc-secret': { roundcube: uid },
    'bind-password': { roundcube: uid },
    'session-key': { roundcube: uid },
  },
  healthChecks: [{ port: 'http', path: '/healthz', status: 200 }],
  memoryMb: 320,
  userHooks: {
    logOut: hook('log-out'),
    // Mail refuses the tokens of a user who is disabled, so ending sessions is all.
    disable: hook('log-out'),
    enable: { container: 'roundcube', command: ['true'] },
    remove: hook('remove'),
    rename: [hook('rename')],
  },
});
