import { container } from './mail-lab.ts';

const script = 'exec rspamc -h 127.0.0.1:11334 -P "$(cat /run/secrets/learn-password)" "$@"';

/** Asks Rspamd, or teaches it, with the password that both need: a command for the server. An email comes on standard input. */
export const rspamc = (...words: string[]): string[] => [
  ...['docker', 'exec', '-i', container('rspamd'), 'bash', '-c', script, 'rspamc'],
  ...words,
];
