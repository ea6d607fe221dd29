import { z } from 'zod';

/**
 * Names that mean somebody by convention (RFC 2142, RFC 5321 §4.5.1) or a program by tradition, and those that this
 * cloud uses itself.
 */
const reserved = new Set(
  (
    'postmaster abuse hostmaster webmaster root admin administrator noreply no-reply mailer-daemon security info ' +
    'support sales marketing news usenet uucp ftp www nobody daemon system mail smtp imap ssl-admin ' +
    'dmarc tlsrpt ghost user users me login api'
  ).split(' '),
);
/** Lower case, as file names, URLs and mail addresses (RFC 5321 §4.1.2 dot-string) all take it. */
export const userName = z
  .string()
  .regex(
    /^[a-z][a-z0-9]*([._-][a-z0-9]+)*$/,
    'must be lower-case letters and digits, with single dots, hyphens or underscores between them, and begin with a letter',
  )
  .min(2, 'is too short: two characters at least')
  .max(32, 'is too long: 32 characters at most')
  .refine((name) => !reserved.has(name), 'is reserved: others expect somebody else behind it')
  .refine((name) => !name.startsWith('haven-'), 'is reserved: this cloud uses such names itself');

export const groupName = z
  .string()
  .regex(/^[a-z][a-z0-9]*([_-][a-z0-9]+)*$/, 'must be lower-case letters, digits and single hyphens')
  .max(40, 'is too long: 40 characters at most');

const line = (what: string) =>
  z
    .string()
    .trim()
    .min(1, `${what} is missing`)
    .max(100, 'is too long: 100 characters at most')
    .regex(/^[^\p{Cc}]*$/u, 'holds a character that cannot be seen');

/** A user who shall be. */
export const newUserSchema = z.strictObject({
  name: userName.describe('What they log in with, and the part of their address before the @.'),
  givenName: line('the given name').describe('First name.'),
  surname: line('the surname').describe('Last name.'),
  groups: z.array(groupName).default([]).describe('Groups; "admins" administer this cloud.'),
});
export type NewUser = z.infer<typeof newUserSchema>;

/** A user of this cloud, as its directory and its login know them. */
export interface User {
  name: string;
  givenName: string;
  surname: string;
  email: string;
  groups: string[];
  /** Off means: no login anywhere, until switched on again. */
  enabled: boolean;
}
