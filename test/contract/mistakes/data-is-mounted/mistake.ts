import type { Draft } from '../../good-service.ts';

/** What the program writes would be gone with its container. */
export default (draft: Draft): void => {
  draft.definition.data!.uploads = { rollback: 'with-release', uid: 9010, quotaGb: 1 };
};
