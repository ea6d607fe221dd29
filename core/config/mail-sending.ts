import { z } from 'zod';
import { domainName } from '../dns/domain-name.ts';
import { spfTermOf } from '../mail/relay-spf.ts';
import type { MailRelay, MailSending } from '../service.ts';

/** Name of the relay's password in secrets.age, and of the secret that the service for mail gets. */
export const relayPassword = 'mail-relay-password';

const spfText = 'must name servers as SPF does: "include:_spf.example.net", or an IP address';
const spf = z
  .string()
  .trim()
  .refine((text) => spfTermOf(text) !== undefined, spfText);

/** `relay` among the options of the service for mail: a mail server with an account, which sends for this cloud. */
export const relaySchema = z.strictObject({
  host: domainName('a host name (for example: smtp.example.net)').describe('Name of the relay.'),
  port: z
    .int()
    .min(1)
    .max(65535)
    .refine(
      (port) => port !== 25 && port !== 465,
      'is blocked where a relay is needed. Use 587, or another port of the relay that begins with STARTTLS',
    )
    .default(587)
    .describe('Its port, which begins with STARTTLS.'),
  user: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^\s:]*$/, 'has a blank or a colon, which no user name of a relay has')
    .describe('Your user name there. Set the password with `haven secret set mail-relay-password`.'),
  domains: z
    .array(domainName())
    .min(1)
    .optional()
    .describe('Which of your domains it sends for. By default all.'),
  spf: z
    .union([spf, z.array(spf)], spfText)
    .optional()
    .describe('What it tells you to add to SPF. By default the addresses of `host`.'),
}) satisfies z.ZodType<MailRelay>;

export const sendingModeSchema = z.enum(['auto', 'direct', 'relay']) satisfies z.ZodType<MailSending['mode']>;

/** The options `sending` and `relay` of the service for mail. What is wrong in them is the service's to refuse. */
export function mailSending(options: Record<string, unknown>): MailSending {
  const relay = relaySchema.safeParse(options.relay).data;
  return { mode: sendingModeSchema.safeParse(options.sending).data ?? 'auto', ...(relay ? { relay } : {}) };
}

/** What is wrong in both options together, by its place in them. `domains` are those whose mail is received, by `own`. */
export function relayFaults(
  options: Record<string, unknown>,
  domains: string[],
  own: string,
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
  const isOwn = {
    path: ['relay', 'host'],
    what: `"${own}" is this cloud's own mail server.`,
    remedy: 'Name the mail server of another company, where you have an account, or remove "relay".',
  };
  const elsewhere = (relay?.domains ?? []).flatMap((domain, index) =>
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
  return [...(relay?.host === own ? [isOwn] : []), ...elsewhere];
}
