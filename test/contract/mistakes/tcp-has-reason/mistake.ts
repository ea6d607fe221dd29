import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  draft.definition.needs!.tcp = [{ public: 2525, port: 'sync', reason: '' }];
};
