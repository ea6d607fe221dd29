import { addresses } from './network.ts';

/** Where the program is that tells Rspamd (images/dovecot/learn). */
const programs = '/usr/local/lib/haven-sieve';

/**
 * Dovecot's part of learning (doc.dovecot.org, imapsieve): an email that a user moves or copies into Junk teaches Rspamd what
 * spam is, one that leaves Junk teaches what is not. Only these scripts may start a program, never a user's filter.
 */
export const learningConf = `sieve_plugins {
  sieve_imapsieve = yes
  sieve_extprograms = yes
}
sieve_global_extensions {
  vnd.dovecot.pipe = yes
}
sieve_pipe_bin_dir = ${programs}
mailbox Junk {
  sieve_script learn-spam {
    type = before
    cause = copy
    driver = file
    path = /etc/haven-sieve/learn-spam.sieve
    bin_path = /run/dovecot/learn-spam.svbin
  }
}
imapsieve_from Junk {
  sieve_script learn-ham {
    type = before
    cause = copy
    driver = file
    path = /etc/haven-sieve/learn-ham.sieve
    bin_path = /run/dovecot/learn-ham.svbin
  }
}
`;

const controller = `http://${addresses.rspamd}:11334`;
const learn = (what: 'spam' | 'ham'): string => `pipe :copy "learn" ["${what}", "${controller}"];\n`;

/** The scripts (RFC 6785), by file. Spam that goes from Junk to Trash is still spam. */
export const learningScripts: Record<string, string> = {
  'learn-spam.sieve': `require ["vnd.dovecot.pipe", "copy", "imapsieve"];\n${learn('spam')}`,
  'learn-ham.sieve': `require ["vnd.dovecot.pipe", "copy", "imapsieve", "environment"];
if environment :is "imap.mailbox" "Trash" {
  stop;
}
${learn('ham')}`,
};
