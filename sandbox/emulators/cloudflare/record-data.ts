import { z } from 'zod';
import { invalidRecord } from './errors.ts';

/** Types whose content Cloudflare derives from the fields of `data`, with the shape of these. */
const shapes = {
  SRV: z.strictObject({ priority: z.number(), weight: z.number(), port: z.number(), target: z.string() }),
  CAA: z.strictObject({ flags: z.number(), tag: z.string(), value: z.string() }),
  TLSA: z.strictObject({
    usage: z.number(),
    selector: z.number(),
    matching_type: z.number(),
    certificate: z.string().regex(/^[0-9a-fA-F]+$/),
  }),
  SSHFP: z.strictObject({ algorithm: z.number(), type: z.number(), fingerprint: z.string() }),
};

export type DataType = keyof typeof shapes;

export const hasData = (type: string): type is DataType => Object.hasOwn(shapes, type);

/** The content that `data` makes, once its fields are known to be valid. */
export function contentOf(type: DataType, data: unknown): string {
  switch (type) {
    case 'SRV': {
      const { priority, weight, port, target } = parse(type, shapes.SRV, data);
      return `${priority} ${weight} ${port} ${target}`;
    }
    case 'CAA': {
      const { flags, tag, value } = parse(type, shapes.CAA, data);
      return `${flags} ${tag} "${value}"`;
    }
    case 'TLSA': {
      const { usage, selector, matching_type, certificate } = parse(type, shapes.TLSA, data);
      return `${usage} ${selector} ${matching_type} ${certificate}`;
    }
    case 'SSHFP': {
      const { algorithm, type: hash, fingerprint } = parse(type, shapes.SSHFP, data);
      return `${algorithm} ${hash} ${fingerprint}`;
    }
  }
}

function parse<T>(type: DataType, shape: z.ZodType<T>, data: unknown): T {
  const parsed = shape.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalidRecord(`${type} needs data: ${issue?.path.join('.')} ${issue?.message}`);
}
