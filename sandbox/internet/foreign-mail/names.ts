/** A company elsewhere on the internet, with a mail server of its own: where a cloud's users write to, and get mail from. */
export const mailDomain = 'freemail.test';
export const mailHost = `mx.${mailDomain}`;
/** All its mailboxes are one. This local part, and those that begin like it, do not exist. */
export const unknownUser = 'unknown';
/** Where its policy for those who send to it is served (MTA-STS). */
export const policyHost = `mta-sts.${mailDomain}`;
export const dkimSelector = 'mail';
/** An address that answers each email with how it was judged. */
export const echoAddress = `echo@${mailDomain}`;
