import { type Draft, loginOf } from '../../good-service.ts';

export default (draft: Draft): void => {
  draft.definition.needs!.login = { ...loginOf(draft), pages: [{ path: '/me', user: 200, admin: 200 }] };
};
