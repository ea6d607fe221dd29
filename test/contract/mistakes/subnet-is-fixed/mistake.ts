import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  draft.definition.subnet = '10.1.2.0/24';
};
