import type { Draft } from '../../good-service.ts';

/** A new version, which may have other tools. */
export default (draft: Draft): void => {
  draft.definition.images.search = {
    pull: 'docker.io/example/search:1.2.3-alpine',
    replacement: 'images/search-stub',
  };
};
