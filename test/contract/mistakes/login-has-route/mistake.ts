import { type Draft, edit } from '../../good-service.ts';

export default (draft: Draft): void => {
  delete draft.definition.needs!.route;
  edit(draft, 'https://${HOST}/login/callback', '/login/callback');
};
