import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  draft.definition.images.search = { pull: 'docker.io/example/search:1.2.4', stub: 'images/search-stub' };
};
