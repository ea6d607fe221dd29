import { z } from 'zod';
import { defineService } from '../../core/service.ts';
import { loginIssuer } from '../../core/users/login.ts';

export default defineService({
  id: 'portal',
  title: 'Portal',
  summary:
    'One page for each user: their services, their login, and help with a forgotten password or a lost phone.',
  upstream: { name: 'OpenHaven', licence: 'Apache-2.0', version: '0.1.0' },
  images: { portal: { build: 'images/portal' } },
  options: z.strictObject({}),
  needs: {
    // Users who can't log in need the help page; users who have logged out see the other one.
    route: { subdomain: 'me', port: 'http', publicPaths: ['/help', '/logged-out'] },
    authProxy: 'users',
    ldap: 'selfService',
  },
  ports: { http: 8080 },
  secrets: { 'bind-password': { portal: 2050 } },
  healthChecks: [{ port: 'http', path: '/healthz', status: 200 }],
  memoryMb: 96,
  files: (_options, { domain, host, owner, loginHost = '', neighbours = [], titles = {}, mail }) => {
    const git = neighbours.find((each) => each.id === 'gitea');
    const webmail = neighbours.find((each) => each.id === 'webmail');
    const issuer = loginIssuer(loginHost);
    // First the auth proxy ends its session, then the login its own (OpenID Connect RP-Initiated Logout 1.0 §2).
    const back = new URLSearchParams({
      client_id: 'portal',
      post_logout_redirect_uri: `https://${host}/logged-out`,
    });
    const logout = `/oauth2/sign_out?rd=${encodeURIComponent(`${issuer}/protocol/openid-connect/logout?${back}`)}`;
    const cloud = {
      name: domain,
      origin: `https://${host}`,
      appPasswordsFor: neighbours.filter((each) => each.takesAppPasswords).map((each) => each.title),
      owner: owner.name,
      account: `${issuer}/account/`,
      logout,
      services: neighbours,
      titles,
      ...(mail ? { mail } : {}),
      ...(webmail ? { webmail: webmail.url } : {}),
      ...(git ? { gitTokens: `${git.url}user/settings/applications` } : {}),
    };
    return { 'cloud.json': `${JSON.stringify(cloud, null, 2)}\n` };
  },
});
