import { z } from 'zod';
import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  draft.definition.options = z.object({
    pageSize: z.int().default(20).describe('How many notes a page shows.'),
  });
};
