import { type Draft, edit } from '../../good-service.ts';

/** The program is told of a file that is not there. */
export default (draft: Draft): void => {
  edit(draft, 'secrets: [db-password, oidc-secret]', 'secrets: [db-password]');
};
