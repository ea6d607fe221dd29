import { type Draft, edit } from '../../good-service.ts';

/** The program does not read the group from the login, and no hook tells it. */
export default (draft: Draft): void => {
  edit(draft, 'ADMIN_GROUP: ${LOGIN_ADMINS}', 'ADMIN_GROUP: admins');
};
