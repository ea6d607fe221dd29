import { type Draft, loginOf } from '../../good-service.ts';

/** A wrong callback shows in a deploy only, unless the program is told the address as well. */
export default (draft: Draft): void => {
  draft.definition.needs!.login = { ...loginOf(draft), callback: '/oauth/callback' };
};
