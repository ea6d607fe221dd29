import { type Draft, edit } from '../../good-service.ts';

export default (draft: Draft): void => {
  edit(draft, '${IMAGE_SEARCH}', 'docker.io/example/search:1.2.3');
};
