import type { ApiAnswer } from '../http-api.ts';

/** So many requests in so many seconds; at Cloudflare 1,200 in 300. */
export interface RateLimit {
  requests: number;
  seconds: number;
}

/**
 * Counts the requests of an account as Cloudflare does: after one too many, all of them are refused for as long as a window lasts
 * (developers.cloudflare.com/fundamentals/api/reference/limits).
 */
export class RequestCount {
  #count = 0;
  #endsAt = 0;

  /** Takes a request in. Answers whether it is refused, and the headers that every answer has. */
  take(
    { requests, seconds }: RateLimit,
    now: number,
  ): { isRefused: boolean; headers: Record<string, string> } {
    if (now >= this.#endsAt) {
      this.#count = 0;
      this.#endsAt = now + seconds * 1000;
    }
    this.#count += 1;
    const isRefused = this.#count > requests;
    if (this.#count === requests + 1) this.#endsAt = now + seconds * 1000;
    const left = Math.ceil((this.#endsAt - now) / 1000);
    return {
      isRefused,
      headers: {
        ratelimit: `"default";r=${Math.max(0, requests - this.#count)};t=${left}`,
        'ratelimit-policy': `"default";q=${requests};w=${seconds}`,
        ...(isRefused ? { 'retry-after': String(left) } : {}),
      },
    };
  }
}

export const tooManyRequests: ApiAnswer = {
  status: 429,
  body: {
    success: false,
    errors: [{ code: 971, message: 'Please wait and consider throttling your request speed' }],
    messages: [],
    result: null,
  },
};
