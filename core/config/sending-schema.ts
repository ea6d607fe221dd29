import { z } from 'zod';
import type { Sending } from '../service.ts';
import { domainPattern } from './domain-pattern.ts';

/** `sending` in haven.yaml: an account at somebody else's mail server, by which this cloud sends. */
export const sendingSchema = z.strictObject({
  host: z
    .string()
    .regex(domainPattern, 'is no host name such as "smtp.example.org"')
    .describe('Name of the mail server.'),
  port: z
    .int()
    .min(1)
    .max(65535)
    .refine((port) => port !== 25, 'is for mail servers among each other (RFC 6409 §3.1), not for an account')
    .default(587)
    .describe(
      'Its port: 587 begins in the clear and then turns to TLS, which is required; 465 speaks TLS from the first byte. Some providers of servers close 465 for new customers.',
    ),
  user: z
    .string()
    .min(1)
    .max(200)
    .describe('Name of the account. Its password: `haven secret set sending-password`.'),
  from: z.email('is no e-mail address').describe('Address that its letters come from.'),
}) satisfies z.ZodType<Sending>;
