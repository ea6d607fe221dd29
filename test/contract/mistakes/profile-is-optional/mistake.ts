import { type Draft, edit } from '../../good-service.ts';

export default (draft: Draft): void => {
  edit(draft, '  search:\n', '  search:\n    profiles: [searching]\n');
};
