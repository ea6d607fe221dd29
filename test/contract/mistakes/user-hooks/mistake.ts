import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  delete draft.definition.userHooks;
};
