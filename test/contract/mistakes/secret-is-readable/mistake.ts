import type { Draft } from '../../good-service.ts';

/** The container runs as another uid than the one that owns its secret. */
export default (draft: Draft): void => {
  draft.definition.secrets!['oidc-secret'] = { notes: 9012 };
};
