import { z } from 'zod';
import { type Draft, edit } from '../../good-service.ts';

export default (draft: Draft): void => {
  const searching = z.boolean().default(false).describe('Lets users search.');
  draft.definition.options = draft.definition.options.extend({ searching });
  draft.definition.optional = { searching: { memoryMb: 32 } };
  draft.definition.memoryMb -= 32;
  edit(draft, '  search:\n', '  search:\n    profiles: [searching]\n');
};
