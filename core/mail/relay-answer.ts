import type { MailRelay } from '../service.ts';
import type { MailCheck } from './mail-check.ts';

/** What a relay said when the server logged in there: `refused` is about the password, `silent` about the connection. */
export type RelayAnswer = { result: 'good' } | { result: 'refused' | 'silent'; said: string };

/** What to do about a relay that does not take email. */
export const relayRemedy = (answer: RelayAnswer): string =>
  answer.result === 'refused'
    ? 'Compare "user" in haven.yaml. To change its password, run: haven secret set mail-relay-password   Then run: haven up'
    : 'Compare "host" and "port" in haven.yaml with what the relay says. It must offer STARTTLS with a certificate of its name.';

/** What is wrong, as the end of a sentence that begins with the relay. */
export const relayFault = (answer: Exclude<RelayAnswer, { result: 'good' }>): string =>
  answer.result === 'refused' ? 'refuses the login' : "can't be used";

export function judgeRelay({ host, port }: MailRelay, answer: RelayAnswer): MailCheck {
  const what = `relay ${host}:${port}`;
  if (answer.result === 'good') return { what, result: 'good', evidence: 'accepts the login' };
  return {
    what,
    result: 'bad',
    evidence: `${relayFault(answer)}: ${answer.said}`,
    remedy: `Email waits on the server until then. ${relayRemedy(answer)}`,
  };
}
