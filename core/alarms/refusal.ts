import { sendingRemedy } from '../config/sending.ts';
import type { AlarmWay } from './alarm-ways.ts';

/** Why a message was not delivered, and what the owner can do. It contains no address. */
export interface Refusal {
  why: string;
  fix: string;
}

/** What a receiver answered: an HTTP status, or the code of a network error. */
export type Answer = { status: number } | { code: string };

type WayByWeb = Exclude<AlarmWay, 'email'>;
const where: Record<WayByWeb, { address: string; token: string }> = {
  ntfy: {
    address: 'Check alarms.ntfy in haven.yaml and the topic: haven secret set alarm-ntfy-topic',
    token: 'Set a token that may write to the topic: haven secret set alarm-ntfy-token',
  },
  webhook: {
    address: 'Check the address: haven secret set alarm-webhook',
    token:
      'Check the address and the token: haven secret set alarm-webhook, haven secret set alarm-webhook-token',
  },
};

const codes: Record<string, string> = {
  ENOTFOUND: 'its name does not exist',
  EAI_AGAIN: 'its name could not be looked up',
  ECONNREFUSED: 'nothing listens at its address',
  ECONNRESET: 'it ended the connection',
  EHOSTUNREACH: 'no network leads to it',
  ENETUNREACH: 'no network leads to it',
  ETIMEDOUT: 'it did not answer within 10 seconds',
};

/** The same of an email, with what its server said. */
export const emailRefusal = (said: string, account: { user?: string }): Refusal => ({
  why: said,
  fix: sendingRemedy(account),
});

export function refusalOf(way: WayByWeb, answer: Answer): Refusal {
  const { address, token } = where[way];
  const then = (what: string) => `${what}   Then run: haven up`;
  if ('code' in answer)
    return {
      why: codes[answer.code] ?? `the connection failed (${answer.code})`,
      fix: then(address),
    };
  const { status } = answer;
  const why = `it answers ${status}`;
  if (status === 401 || status === 403) return { why, fix: then(token) };
  if (status >= 300 && status < 400)
    return { why: `${why}, which leads to another address`, fix: then(`Use that one. ${address}`) };
  if (status === 429) return { why: `${why}: too many messages`, fix: 'It is tried again each minute.' };
  if (status >= 500) return { why, fix: 'It is tried again each minute.' };
  return { why, fix: then(address) };
}
