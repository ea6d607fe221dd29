import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  draft.definition.secrets!['api-key'] = { notes: 9010 };
};
