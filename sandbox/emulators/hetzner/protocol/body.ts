import { z } from 'zod';
import { ApiError } from './errors.ts';

/** Fields that bodies of several resources have. */
export const labels = z.record(z.string(), z.string()).optional();
export const id = z.number().int();

/** A body of the shape that it must have. A field that is not in the shape is refused by name. */
export function parseBody<T>(shape: z.ZodType<T>, body: unknown): T {
  const parsed = shape.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => ({
    name: issue.code === 'unrecognized_keys' ? issue.keys.join(',') : issue.path.join('.'),
    messages: [issue.message],
  }));
  throw new ApiError(422, 'invalid_input', `invalid input in field '${fields[0]?.name}'`, { fields });
}
