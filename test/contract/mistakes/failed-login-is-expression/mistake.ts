import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  draft.definition.failedLogins![0]!.pattern = '^login (from {address}$';
};
