import { type Draft, loginOf } from '../../good-service.ts';

export default (draft: Draft): void => {
  draft.definition.needs!.login = { ...loginOf(draft), pages: [{ path: '/admin', user: 403, admin: 200 }] };
};
