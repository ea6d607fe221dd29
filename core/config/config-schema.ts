import { getPublicSuffix } from 'tldts';
import { z } from 'zod';
import { domainPattern } from './domain-pattern.ts';
import { sendingSchema } from './sending-schema.ts';

/** The version of haven.yaml that this program writes and reads. */
export const configVersion = 1;

const hostLabel = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'is no host name: lower-case letters, digits and hyphens');
const domainName = z
  .string()
  .regex(domainPattern, 'is no domain name such as "example.org"')
  .refine(
    (name) => getPublicSuffix(name, { allowPrivateDomains: true }) !== name,
    'is a public suffix: nobody can own it, only a name below it',
  );

const timeZones = new Set(Intl.supportedValuesOf('timeZone').concat('UTC', 'Etc/UTC'));

/** haven.yaml. Every setting is explained here and nowhere else; schema, docs and wizard are made from it. */
export const havenSchema = z.strictObject({
  version: z.literal(configVersion).describe('Version of this file.'),
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]{2,30}[a-z0-9]$/, 'must be 4 to 32 lower-case letters, digits and hyphens')
    .describe('Names this cloud in every label and path. Made once by `haven init`; never change it.'),
  domains: z
    .array(
      z.strictObject({
        name: domainName.describe('A domain that you own.'),
        dns: z
          .enum(['cloudflare', 'manual'])
          .describe(
            'Who hosts its DNS: `cloudflare` writes the records; `manual` shows them for you to enter anywhere, and checks them.',
          ),
      }),
    )
    .min(1, 'needs at least one domain')
    .describe('Your domains. The first is the main one: services live under it unless they say otherwise.'),
  owner: z
    .strictObject({
      name: z.string().min(1).max(100).describe('Who runs this cloud.'),
      email: z
        .email('is no e-mail address')
        .describe('Where the certificate authority and alarms reach you; outside this cloud.'),
    })
    .describe('You.'),
  timeZone: z
    .string()
    .refine((zone) => timeZones.has(zone), 'is no time zone such as "Europe/Berlin"')
    .default('UTC')
    .describe('Time zone of logs and schedules (IANA name).'),
  server: z
    .strictObject({
      provider: z.enum(['hetzner']).default('hetzner').describe('Who runs the machine.'),
      type: z.string().default('cx23').describe("Size of the machine, by the provider's name for it."),
      location: z.string().default('fsn1').describe('Where it stands.'),
      diskGb: z
        .int()
        .min(10)
        .max(10240)
        .default(20)
        .describe('Size of the volume that holds all data, in GB. It can grow, not shrink.'),
    })
    .describe('The machine.'),
  sending: sendingSchema
    .optional()
    .describe(
      'An account at a mail server elsewhere, by which this cloud sends letters such as invitations.',
    ),
  services: z
    .record(
      z.string(),
      z.strictObject({
        subdomain: hostLabel.optional().describe('Its name under the domain, if not the usual one.'),
        access: z
          .enum(['public', 'users', 'admins'])
          .optional()
          .describe(
            'Who may open its pages, where it has no login of its own: `public` (the usual), `users` who have a login, or `admins`.',
          ),
        domain: z.string().optional().describe('Which of your domains it lives under, if not the main one.'),
        options: z.record(z.string(), z.unknown()).default({}).describe('Its own settings.'),
      }),
    )
    .describe('What runs, by name.'),
});

export type HavenConfig = z.infer<typeof havenSchema>;

const answers = {
  domain: domainName,
  email: havenSchema.shape.owner.shape.email,
  disk: havenSchema.shape.server.shape.diskGb,
} satisfies Record<string, z.ZodType>;

/** What is wrong with one answer, said at its question, before there is a whole file; true when nothing is. */
export function checkAnswer(question: keyof typeof answers, answer: unknown): true | string {
  const issue = answers[question].safeParse(answer).error?.issues[0];
  return issue ? `"${String(answer)}" ${issue.message}.` : true;
}
