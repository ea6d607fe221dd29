import { z } from 'zod';
import { domainPattern } from '../dns/domain-pattern.ts';
import { spfTermOf } from '../mail/relay-spf.ts';
import type { MailRelay, MailSending } from '../service.ts';

/** Name of the relay's password in secrets.age, and of the secret that the service for mail gets. */
export const relayPassword = 'mail-relay-password';

const host = z.string().toLowerCase();
const spfText = 'must name servers as SPF does: "include:_spf.example.net", or an IP address';
const spf = z
  .string()
  .trim()
  .refine((text) => spfTermOf(text) !== undefined, spfText);

/** `relay` among the options of the service for mail: a mail server with an account, which sends for this cloud. */
export const relaySchema = z.strictObject({
  host: host.regex(domainPattern, 'is not a host name (for example: smtp.example.net)'),
  port: z
    .int()
    .min(1)
    .max(65535)
    .refine(
      (port) => port !== 25 && port !== 465,
      'is blocked where a relay is needed. Use 587, or another port of the relay that begins with STARTTLS',
    )
    .default(587),
  user: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^\s:]+$/, 'has a blank or a colon, which no user name of a relay has'),
  domains: z
    .array(host.regex(domainPattern, 'is not a domain name (for example: example.org)'))
    .min(1)
    .optional(),
  spf: z.union([spf, z.array(spf)], spfText).optional(),
}) satisfies z.ZodType<MailRelay>;

export const sendingModeSchema = z.enum(['auto', 'direct', 'relay']) satisfies z.ZodType<MailSending['mode']>;

/** The options `sending` and `relay` of the service for mail. What is wrong in them is the service's to refuse. */
export function mailSending(options: Record<string, unknown>): MailSending {
  const relay = relaySchema.safeParse(options.relay).data;
  return { mode: sendingModeSchema.safeParse(options.sending).data ?? 'auto', ...(relay ? { relay } : {}) };
}

/** What is wrong in both options together, by its place in them. `domains` are those whose mail is received. */
export function relayFaults(
  options: Record<string, unknown>,
  domains: string[],
): { path: (string | number)[]; what: string; remedy: string }[] {
  const { mode, relay } = mailSending(options);
  if (!relay && mode === 'relay')
    return [
      {
        path: ['sending'],
        what: 'email is to go by a relay, and there is none.',
        remedy: 'Add "relay" with host and user below "options", or set this to "auto".',
      },
    ];
  return (relay?.domains ?? []).flatMap((domain, index) =>
    domains.includes(domain)
      ? []
      : [
          {
            path: ['relay', 'domains', index],
            what: `this cloud does not receive mail of "${domain}".`,
            remedy: `Choose from: ${domains.join(', ')}.`,
          },
        ],
  );
}
