import { setTimeout as sleep } from 'node:timers/promises';
import { networkFault } from '../system/network-fault.ts';

/** A provider's API refused a call: which one, and why in the provider's words. */
export class ApiError extends Error {
  readonly who: string;
  readonly status: number;
  /** What was asked for, `GET /servers`: to look for the cause by, and never shown to an owner. */
  readonly call: string;
  /** The provider's own name of the refusal, `resource_limit_exceeded`. */
  readonly code: string | undefined;
  /** Its reason in the provider's words, if it gave one. */
  readonly why: string;

  /** After how long it wants to be asked again, if it says so. */
  readonly retryMs: number | undefined;

  constructor(
    who: string,
    status: number,
    call: string,
    refused: Partial<Refused> & { saidMs?: number | undefined } = {},
  ) {
    const { why = '', code, saidMs } = refused;
    super(`${who} answers ${status}${why ? `: ${why}` : ''}`);
    this.retryMs = saidMs;
    this.who = who;
    this.status = status;
    this.call = call;
    this.code = code;
    this.why = why;
  }
}

/** A provider's API gave no answer that says anything, so nothing is known. */
export class ApiUnreachable extends Error {
  readonly who: string;
  /** The rest of a sentence about it: "can't be reached: ..." */
  readonly what: string;

  constructor(who: string, what: string, cause?: unknown) {
    super(`${who} ${what}`, { cause });
    this.who = who;
    this.what = what;
  }
}

/** Where tokens and other addresses of an API come from, by variable. */
export type Environment = Record<string, string | undefined>;

/** Does something to a thing that may no longer exist, which is fine. Returns whether it existed. */
export async function unlessGone(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
    return false;
  }
}

/** What an API says of a call that it refuses. */
export interface Refused {
  why: string;
  code: string | undefined;
}

/** A JSON API with a bearer token. */
export interface Api {
  who: string;
  /** Without a trailing slash. */
  base: string;
  token: string;
  /** What a refusal's body says. */
  refusalOf(answer: unknown): Refused;
}

/**
 * How long an API may take, in milliseconds: one answer, and one call with all waits after "too many requests". An owner
 * waits less than half a minute for the name of a problem.
 */
export const apiLimits = { answerMs: 12_000, callMs: 25_000, firstWaitMs: 1000 };

/**
 * One call. After "too many requests" it waits as long as the API says, or twice as long each time, and retries; any other
 * refusal is thrown as {@link ApiError}, and {@link ApiUnreachable} where nothing is known.
 */
export async function callApi(api: Api, method: string, path: string, body?: unknown): Promise<unknown> {
  const end = Date.now() + apiLimits.callMs;
  for (let waitMs = apiLimits.firstWaitMs; ; waitMs *= 2) {
    const { answer, text } = await ask(api, { method, path, body, limitMs: end - Date.now() });
    if (answer.ok) return text === '' ? undefined : parse(api, text);
    const saidMs = retryAfterMs(answer);
    const nextMs = Math.max(waitMs, saidMs ?? 0);
    if (answer.status !== 429 || Date.now() + nextMs >= end)
      throw new ApiError(api.who, answer.status, `${method} ${path}`, { ...refusal(api, text), saidMs });
    await sleep(nextMs);
  }
}

/** In seconds (RFC 9110 §10.2.3); a date is not used by the APIs that we call. */
function retryAfterMs({ headers }: Response): number | undefined {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

async function ask(
  api: Api,
  { method, path, body, limitMs }: { method: string; path: string; body: unknown; limitMs: number },
): Promise<{ answer: Response; text: string }> {
  try {
    const answer = await fetch(`${api.base}/${path.replace(/^\//, '')}`, {
      method,
      headers: { authorization: `Bearer ${api.token}`, 'content-type': 'application/json' },
      // A token is for the address that it was meant for alone.
      redirect: 'error',
      signal: AbortSignal.timeout(Math.max(1, Math.min(apiLimits.answerMs, limitMs))),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { answer, text: await answer.text() };
  } catch (error) {
    const fault = networkFault(error, new URL(api.base).host);
    if (fault === undefined) throw error;
    throw new ApiUnreachable(api.who, fault, error);
  }
}

/** A proxy or a hotel's login page may answer in the place of an API. */
function parse(api: Api, text: string): unknown {
  try {
    const answer = JSON.parse(text) as unknown;
    if (typeof answer === 'object' && answer !== null) return answer;
  } catch (error) {
    throw notUnderstood(api.who, error);
  }
  throw notUnderstood(api.who);
}

/** An answer of another shape than the API documents. */
export const notUnderstood = (who: string, cause?: unknown): ApiUnreachable =>
  new ApiUnreachable(
    who,
    "gave an answer that haven doesn't understand, so something else may be answering in its place, such as a proxy or the login page of a Wi-Fi network.",
    cause,
  );

/** A proxy in front of the API may refuse too, and does not answer in JSON. */
function refusal(api: Api, text: string): Partial<Refused> {
  try {
    return api.refusalOf(JSON.parse(text));
  } catch {
    return {};
  }
}
