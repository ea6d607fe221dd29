import { type Draft, edit } from '../../good-service.ts';

export default (draft: Draft): void => {
  edit(draft, '${IMAGE_SEARCH}', '${IMAGE_FINDER}');
};
