import { type Draft, edit } from '../../good-service.ts';

/** The id of its client alone leads nowhere. */
export default (draft: Draft): void => {
  edit(draft, 'ISSUER: ${LOGIN_ISSUER}', '# ISSUER: ${LOGIN_ISSUER}');
  edit(draft, '${LOGIN_ISSUER}/protocol', 'https://login.example.com');
};
