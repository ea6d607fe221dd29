import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  const image = { pull: 'docker.io/example/search:1.2.4', replacement: 'images/search-stub' };
  draft.definition.images.search = image;
  draft.upstream[image.replacement] = { ...draft.upstream['images/search-stub']!, image: image.pull };
};
