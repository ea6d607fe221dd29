import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  draft.definition.images.search = { pull: 'docker.io/example/search:latest', stub: 'images/search-stub' };
};
