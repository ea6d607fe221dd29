import { setTimeout as sleep } from 'node:timers/promises';

/**
 * How long one request may be held, in milliseconds: Cloudflare's window of five minutes
 * (developers.cloudflare.com/fundamentals/api/reference/limits), and a minute for others that were held with it. `firstWaitMs` is the
 * wait after an answer that names none; each further one is twice as long.
 */
export const holdLimits = { holdMs: 360_000, firstWaitMs: 5_000 };

/** An answer, as far as it matters here. Names of headers are in lower case. */
interface Limited {
  status: number;
  headers: Record<string, string>;
}

/**
 * Holds requests that Cloudflare answered with "too many requests" (429), and all that come meanwhile, until it takes requests again.
 * What it refused this way was not carried out, so it can be sent again whatever it is.
 */
export class RequestLimit {
  readonly #limits: typeof holdLimits;
  #openAt = 0;
  /** Is told what is waited for, once for each wait. */
  say: (line: string) => void = () => undefined;

  constructor(limits = holdLimits) {
    this.#limits = limits;
  }

  /** Answers with 429 where the wait would be longer than a request may be held. Throws once `signal` is aborted. */
  async ask<A extends Limited>(send: () => Promise<A>, signal: AbortSignal): Promise<A> {
    const end = Date.now() + this.#limits.holdMs;
    for (let waitMs = this.#limits.firstWaitMs; ; waitMs *= 2) {
      while (Date.now() < this.#openAt)
        await sleep(this.#openAt - Date.now(), undefined, { signal, ref: false });
      signal.throwIfAborted();
      const got = await send();
      if (got.status !== 429) return got;
      const openAt = Date.now() + (retryAfterMs(got) ?? waitMs);
      if (openAt > end) return got;
      this.#close(openAt);
    }
  }

  #close(openAt: number): void {
    const isClosed = Date.now() < this.#openAt;
    this.#openAt = Math.max(this.#openAt, openAt);
    if (!isClosed)
      this.say(
        `Cloudflare takes no more requests for now (1,200 in 5 minutes). This continues in ${waitText(openAt - Date.now())}.`,
      );
  }
}

/** In seconds (RFC 9110 §10.2.3); Cloudflare sends no date. */
function retryAfterMs({ headers }: Limited): number | undefined {
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function waitText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds === 1) return '1 second';
  return seconds <= 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}
