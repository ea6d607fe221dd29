import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  draft.definition.data = { files: { rollback: 'with-release', uid: 9012, quotaGb: 1 } };
};
