import { z } from 'zod';
import { bucketFault, endpointFault, folderFault, hostFault, hostKeyFault } from './storage-rules.ts';

/** Text that a rule judges; the rule answers with what is wrong with it. */
const ruled = (fault: (text: string) => string | undefined) =>
  z.string().superRefine((text, context) => {
    const message = fault(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

const s3Schema = z
  .strictObject({
    endpoint: ruled(endpointFault).describe(
      'Address of the storage, without the bucket: `https://fsn1.your-objectstorage.com`. Set its keys with `haven secret set backup-s3-key` and `haven secret set backup-s3-secret`.',
    ),
    bucket: ruled(bucketFault).describe('Name of the bucket. It must exist.'),
    region: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,63}$/, 'may only have the characters a-z, A-Z, 0-9 and -')
      .optional()
      .describe('Region of the bucket, for a storage that requires one, such as `eu-central-1`.'),
    folder: ruled((text) => folderFault(text))
      .optional()
      .describe('Folder in the bucket. Default: the `id` of this cloud.'),
  })
  .superRefine(({ endpoint, bucket }, context) => {
    if (!URL.canParse(endpoint)) return;
    const { host, origin } = new URL(endpoint);
    if (!host.startsWith(`${bucket}.`)) return;
    const message = `must not contain the bucket. Write: ${origin.replace(`${bucket}.`, '')}`;
    context.addIssue({ code: 'custom', message, path: ['endpoint'] });
  });

const sftpSchema = z.strictObject({
  host: ruled(hostFault).describe('Host name of the server, such as `u1.your-storagebox.de`.'),
  port: z
    .int()
    .min(1)
    .max(65535)
    .default(22)
    .describe('Its port for SSH. A Storage Box of Hetzner uses `23`.'),
  user: z
    .string()
    .regex(
      /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/,
      'is not a user name. It may only have the characters a-z, A-Z, 0-9, _, . and -',
    )
    .describe('User name there. To let this cloud log in, add the line that `haven backup key` shows.'),
  hostKey: ruled(hostKeyFault).describe(
    "The server's own public key, such as `ssh-ed25519 AAAA…`. A server with another key gets no backup. `ssh-keyscan` shows it.",
  ),
  folder: ruled((text) => folderFault(text, { mayBeginAtRoot: true }))
    .optional()
    .describe(
      "Folder on the server, in the user's home unless it begins with `/`. Default: the `id` of this cloud.",
    ),
});

const kept = (period: string, fewest: number, days: number) =>
  z
    .int()
    .min(fewest)
    .max(1000)
    .default(days)
    .describe(`For how many ${period} the last backup of each is kept.`);

/** `backups` in haven.yaml: where backups go, when they are made, and how many are kept. */
export const backupsSchema = z
  .strictObject({
    s3: s3Schema.optional().describe('A bucket of an S3-compatible storage.'),
    sftp: sftpSchema.optional().describe('A folder of a server that has SFTP, instead of `s3`.'),
    time: z
      .string('must be a time between 00:00 and 23:59, in quotes (for example: "03:30")')
      .regex(
        /^([01]\d|2[0-3]):[0-5]\d$/,
        'must be a time between 00:00 and 23:59, in quotes (for example: "03:30")',
      )
      .default('03:30')
      .describe('When the nightly backup begins, in `timeZone`. Each service stops for a few seconds.'),
    keep: z
      .strictObject({
        days: kept('days', 1, 7),
        weeks: kept('weeks', 0, 5),
        months: kept('months', 0, 12),
      })
      .default({ days: 7, weeks: 5, months: 12 })
      .describe('How many backups of each service are kept. Older ones are deleted.'),
  })
  .superRefine(({ s3, sftp }, context) => {
    if (s3 && sftp)
      context.addIssue({ code: 'custom', message: 'has both "s3" and "sftp". Keep the one to back up to' });
    if (!s3 && !sftp)
      context.addIssue({
        code: 'custom',
        message: 'does not say where to. Add "s3" or "sftp" (docs/owners/backups.md)',
      });
  });
