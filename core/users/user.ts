import { z } from 'zod';

/**
 * Reserved names: mailboxes that exist by convention (RFC 2142, RFC 5321 §4.5.1), traditional system accounts, and
 * names that this cloud uses itself.
 */
const reserved = new Set(
  (
    'postmaster abuse hostmaster webmaster root admin administrator noreply no-reply mailer-daemon security info ' +
    'support sales marketing news usenet uucp ftp www nobody daemon system mail smtp imap ssl-admin ' +
    'dmarc tlsrpt dmarc-reports tls-reports ghost user users me login api'
  ).split(' '),
);
/** Lower case, which file names, URLs and email addresses (RFC 5321 §4.1.2 dot-string) all accept. */
export const userName = z
  .string()
  .regex(
    /^[a-z][a-z0-9]*([._-][a-z0-9]+)*$/,
    'must start with a letter and contain only lower-case letters and digits, with single dots, hyphens or underscores between them',
  )
  .min(2, 'is too short: at least 2 characters')
  .max(32, 'is too long: at most 32 characters')
  .refine((name) => !reserved.has(name), 'is reserved for the operator of the domain')
  .refine((name) => !name.startsWith('haven-'), 'is reserved for this cloud');

export const groupName = z
  .string()
  .regex(/^[a-z][a-z0-9]*([_-][a-z0-9]+)*$/, 'must be lower-case letters, digits and single hyphens')
  .max(40, 'is too long: at most 40 characters');

const line = (what: string) =>
  z
    .string()
    .trim()
    .min(1, `${what} is missing`)
    .max(100, 'is too long: at most 100 characters')
    .regex(/^[^\p{Cc}]*$/u, 'contains an invisible character');

/** A user to be created. */
export const newUserSchema = z.strictObject({
  name: userName.describe('The name they log in with, and the part of their address before the @.'),
  givenName: line('the given name').describe('First name.'),
  surname: line('the surname').describe('Last name.'),
  groups: z.array(groupName).default([]).describe('Groups. Members of "admins" administer this cloud.'),
});
export type NewUser = z.infer<typeof newUserSchema>;

/** A user of this cloud, as LDAP and the login store them. */
export interface User {
  name: string;
  givenName: string;
  surname: string;
  email: string;
  groups: string[];
  /** False: disabled, so no login anywhere until enabled again. */
  enabled: boolean;
}
