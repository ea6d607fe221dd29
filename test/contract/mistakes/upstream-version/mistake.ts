import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  draft.definition.upstream.version = 'latest';
  draft.dockerfiles['images/notes'] = 'FROM debian\nUSER 9010:9010\n';
  draft.definition.images.search = { build: 'images/search-stub' };
};
