import type { ApiError } from '../../components/api-call.ts';
import type { Problem } from '../../core/problem.ts';
import { remedyOf } from '../../core/remedies.ts';
import { tokenOf } from './companies.ts';

/**
 * Cloudflare's codes for a token that can't be one at all, which it answers with 400: "Invalid request headers" and "Invalid
 * format for Authorization header" (developers.cloudflare.com/fundamentals/api/troubleshooting).
 */
const malformed = ['6003', '6111'];

/** Whether a token is refused as such, whatever is asked with it (RFC 9110 §15.5.2). */
export const isRefusedToken = ({ status, code }: ApiError): boolean =>
  status === 401 || (status === 400 && malformed.includes(code ?? ''));

/** Nothing is known after these: the company has a fault of its own, or wants to be asked later. */
export const isUnanswered = ({ status }: ApiError): boolean => status === 429 || status >= 500;

/** What a company refused, in the house's form. */
export function describeRefusal(error: ApiError): Problem {
  const { who: where, status, code, why } = error;
  const token = tokenOf(where);
  if (status === 429)
    return { where, what: 'gets too many requests with this token right now (429).', remedy: later(error) };
  if (status >= 500)
    return {
      where,
      what: `can't answer right now: it has a fault of its own (${status}).`,
      remedy: later(error),
    };
  const renew = token && `Create a new one, then run: haven secret set ${token}`;
  if (isRefusedToken(error) && renew)
    return { where, what: `does not accept the token any more (${status}).`, remedy: renew };
  const remedy = remedyOf(code, why);
  // A limit is answered with 403, too, and no other token would raise it.
  if (status === 403 && renew && code !== 'resource_limit_exceeded')
    return {
      where,
      what: 'does not let this token do that (403).',
      remedy: /verif/.test(remedy) ? remedy : renew,
    };
  return {
    where,
    what: `refuses that (${status})${why ? `: ${sentence(why)}` : '.'}`,
    remedy: remedy || `Check it in the console of ${where}, then run the command again.`,
  };
}

const later = ({ retryMs }: ApiError): string => {
  const minutes = Math.ceil((retryMs ?? 0) / 60_000);
  const wait = minutes > 1 ? `Wait ${minutes} minutes` : 'Wait a few minutes';
  return `${wait}, then run the command again.`;
};

const sentence = (text: string): string => (/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);
