import type { Draft } from '../../good-service.ts';

/** The program keeps the user's name in its database. */
export default (draft: Draft): void => {
  delete draft.definition.userHooks!.rename;
};
