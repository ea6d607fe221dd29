import { type Draft, edit } from '../../good-service.ts';

/** A secret as it is, and in addresses. */
export default (draft: Draft): void => {
  edit(draft, 'CLIENT_SECRET_FILE: /run/secrets/oidc-secret', 'CLIENT_SECRET: correct horse battery staple');
  edit(draft, 'https://keys.example.org', 'https://notes:correct-horse@keys.example.org');
  edit(draft, '/openid-connect/token', '/openid-connect/token?client_secret=battery-staple');
};
