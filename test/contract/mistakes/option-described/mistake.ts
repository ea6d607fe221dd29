import { z } from 'zod';
import type { Draft } from '../../good-service.ts';

export default (draft: Draft): void => {
  draft.definition.options = z.strictObject({ pageSize: z.int().default(20) });
};
