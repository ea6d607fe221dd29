import { type Draft, edit, loginOf } from '../../good-service.ts';

/** The login leads back to the page that sends visitors to it: they would go round in circles. */
export default (draft: Draft): void => {
  draft.definition.needs!.login = { ...loginOf(draft), callback: '/login' };
  edit(draft, '${HOST}/login/callback', '${HOST}/login');
};
