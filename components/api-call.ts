import { setTimeout as sleep } from 'node:timers/promises';

/** A provider's API refused a call; says which, and in the provider's own words why. */
export class ApiError extends Error {
  readonly status: number;

  constructor(who: string, status: number, call: string, why: string) {
    super(`${who} answers ${status} to ${call}${why ? `: ${why}` : ''}`);
    this.status = status;
  }
}

/** Where tokens and other addresses of an API come from, by variable. */
export type Environment = Record<string, string | undefined>;

/** Why an API could not be asked, for an owner. */
export const whyUnreachable = (who: string, error: unknown): string =>
  error instanceof ApiError
    ? error.message
    : `${who} can't be reached: ${error instanceof Error ? error.message : error}`;

/** An API that is spoken to in JSON, with a bearer token. */
export interface Api {
  who: string;
  /** Without a slash at its end. */
  base: string;
  token: string;
  /** What an answer that refuses says of the reason. */
  whyOf(answer: unknown): string;
}

const tries = 6;

/** One call. Asked too often, it waits and asks again (1 s to 16 s); any other refusal is thrown, as {@link ApiError}. */
export async function callApi(api: Api, method: string, path: string, body?: unknown): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(`${api.base}/${path.replace(/^\//, '')}`, {
      method,
      headers: { authorization: `Bearer ${api.token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(30_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer.status === 429 && attempt < tries) {
      await sleep(1000 * 2 ** (attempt - 1));
      continue;
    }
    const text = await answer.text();
    if (answer.ok) return text === '' ? undefined : JSON.parse(text);
    throw new ApiError(api.who, answer.status, `${method} ${path}`, whyRefused(api, text));
  }
}

/** What stands before an API may refuse too, and speaks no JSON. */
function whyRefused(api: Api, text: string): string {
  try {
    return api.whyOf(JSON.parse(text));
  } catch {
    return '';
  }
}
