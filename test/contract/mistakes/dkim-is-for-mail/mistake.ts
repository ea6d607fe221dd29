import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  draft.definition.needs!.dkim = true;
};
