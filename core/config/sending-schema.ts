import { z } from 'zod';
import { domainName } from '../dns/domain-name.ts';
import { ownUser } from '../mail/own-account.ts';
import type { Sending } from '../service.ts';

/** `sending` in haven.yaml: an account at another mail server, with which this cloud sends email. */
export const sendingSchema = z.strictObject({
  host: domainName('a host name (for example: smtp.example.org)').describe('Host name of the mail server.'),
  port: z
    .int()
    .min(1)
    .max(65535)
    .refine(
      (port) => port !== 25,
      'is for traffic between mail servers (RFC 6409 §3.1). To send with an account, use 587 or 465',
    )
    .default(587)
    .describe(
      'Its port. `587`: starts unencrypted and must switch to TLS. `465`: TLS from the start; some server providers block it for new customers.',
    ),
  user: z
    .string()
    .min(1)
    .max(200)
    .refine(
      (user) => user !== ownUser,
      'is the account that this cloud has at its own mail server. To send with that, remove "sending"',
    )
    .describe('User name of the account. Set its password with `haven secret set sending-password`.'),
  from: z.email('is not an email address').describe('Sender address of its email.'),
}) satisfies z.ZodType<Sending>;
