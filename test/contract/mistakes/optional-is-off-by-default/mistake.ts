import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  // An option that has another meaning, and is a number.
  draft.definition.optional = { pageSize: {} };
};
