import { getPublicSuffix } from 'tldts';
import { z } from 'zod';
import { domainName } from '../dns/domain-name.ts';
import { alarmsSchema } from './alarms-schema.ts';
import { backupsSchema } from './backups-schema.ts';
import { issueText, sentence } from './issue-text.ts';
import { sendingSchema } from './sending-schema.ts';

/** The version of haven.yaml that this program writes and reads. */
export const configVersion = 1;

const hostLabel = z
  .string()
  .toLowerCase()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'is not a valid host name. Use lower-case letters, digits and hyphens',
  );
const ownDomain = domainName().refine(
  (name) => getPublicSuffix(name, { allowPrivateDomains: true }) !== name,
  'is a public suffix: nobody can own it, only a name below it (for example: mine.co.uk)',
);

const timeZones = new Set(Intl.supportedValuesOf('timeZone').concat('UTC', 'Etc/UTC'));

/**
 * The schema of haven.yaml. Each setting is described here and nowhere else: the JSON schema, the docs and the wizard
 * are generated from it.
 */
export const havenSchema = z.strictObject({
  version: z.literal(configVersion).describe('Format of this file: `1`.'),
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]{2,30}[a-z0-9]$/, 'must be 4 to 32 lower-case letters, digits and hyphens')
    .describe(
      'Unique name of this cloud; everything it creates is labelled with it. Set by `haven init`. Do not change it: a cloud with another `id` is another cloud.',
    ),
  domains: z
    .array(
      z.strictObject({
        name: ownDomain.describe('A domain that you own (for example: `example.org`).'),
        dns: z.string().describe('Where its DNS is managed.'),
        zone: ownDomain
          .optional()
          .describe(
            'The zone at your DNS provider that it is in, if that is a domain above it: `example.org` for `cloud.example.org`. Default: the domain itself.',
          ),
        dnssec: z
          .boolean()
          .optional()
          .describe(
            'Whether haven has its zone signed (DNSSEC) if this cloud receives mail: other mail servers only then check the keys of yours. Default: `true`, where the DNS provider can sign. With `false` a zone is left as it is, and one that is signed stays signed.',
          ),
      }),
    )
    .min(1, 'needs at least one domain')
    .describe(
      'Your domains. The first is the main one: services get addresses under it unless they set another.',
    ),
  owner: z
    .strictObject({
      name: z.string().min(1).max(100).describe('Your name.'),
      email: z
        .email('is not an email address')
        .describe(
          'Your email address, for the certificate authority and for alarms. Use one outside this cloud, so that you can read it when the cloud is down.',
        ),
    })
    .describe('Who runs this cloud.'),
  timeZone: z
    .string()
    .refine((zone) => timeZones.has(zone), 'is not a time zone (for example: Europe/Berlin)')
    .default('UTC')
    .describe('Time zone of logs and schedules, by its IANA name.'),
  server: z
    .strictObject({
      provider: z.enum(['hetzner']).default('hetzner').describe('The company that rents out the server.'),
      type: z.string().default('cx23').describe("Size of the server, by the provider's name for it."),
      location: z
        .string()
        .default('fsn1')
        .describe(
          'Where the server is: `fsn1` (Falkenstein), `nbg1` (Nuremberg), `hel1` (Helsinki), `ash` (Ashburn) or `hil` (Hillsboro).',
        ),
      diskGb: z
        .int()
        .min(10)
        .max(10240)
        .default(20)
        .describe(
          'Size of the volume that holds all data, in GB (10 to 10240). It can grow later, but never shrink.',
        ),
    })
    .describe('The server and its volume.'),
  sending: sendingSchema
    .optional()
    .describe(
      'Optional. An account at another mail server, with which this cloud sends email such as invitations. Without it, a cloud that has a mail server of its own sends with that, as `no-reply@` its first mail domain; any other sends none.',
    ),
  alarms: alarmsSchema
    .optional()
    .describe(
      'Optional. How the server tells you that something is wrong, and when it is good again. Try it with `haven alarm test`.',
    ),
  backups: backupsSchema
    .optional()
    .describe(
      'Optional. Where encrypted backups go: each night, and before each change of a service. Without it there are none.',
    ),
  services: z
    .record(
      z.string(),
      z.strictObject({
        subdomain: hostLabel
          .optional()
          .describe("Its name under the domain. Default: each service's own, listed on its page."),
        access: z
          .enum(['public', 'users', 'admins'])
          .optional()
          .describe(
            'Who may open its pages, for a service without its own login: `public` (default), `users` (everyone with a login) or `admins`.',
          ),
        domain: z
          .string()
          .toLowerCase()
          .optional()
          .describe('The domain of its address. Default: the main one.'),
        quotaGb: z
          .record(z.string(), z.int().min(1).max(10240))
          .optional()
          .describe(
            'How much of the volume its data may use, by name, in GB, snapshots included. Default: listed on its page. All quotas together must fit on the volume.',
          ),
        options: z
          .record(z.string(), z.unknown())
          .default({})
          .describe("The service's own settings, listed on its page."),
      }),
    )
    .describe('The services to run, by name.'),
});

export type HavenConfig = z.infer<typeof havenSchema>;

const answers = {
  domain: ownDomain,
  email: havenSchema.shape.owner.shape.email,
  disk: havenSchema.shape.server.shape.diskGb,
} satisfies Record<string, z.ZodType>;

/** Checks one answer of the wizard by the rule of the whole file. True, or what is wrong with it. */
export function checkAnswer(question: keyof typeof answers, answer: unknown): true | string {
  const issue = answers[question].safeParse(answer).error?.issues[0];
  return issue ? `"${String(answer)}" ${sentence(issueText(issue, answer))}` : true;
}
