import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from './api-error.ts';

/** Cloudflare's API v4 (developers.cloudflare.com/api): what a call answers is the `result` of its envelope. */
export class CloudflareApi {
  readonly #base: string;
  readonly #token: string;

  constructor(env: Record<string, string | undefined>) {
    this.#base = (env.CLOUDFLARE_BASE_URL ?? 'https://api.cloudflare.com/client/v4/').replace(/\/?$/, '/');
    this.#token = env.CLOUDFLARE_API_TOKEN ?? '';
  }

  /** One call. Asked too often, it waits and asks again; any other refusal is thrown, as `ApiError`. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      const answer = await fetch(this.#base + path, {
        method,
        headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
        signal: AbortSignal.timeout(30_000),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (answer.status === 429 && attempt < 5) {
        await sleep(Math.min(1000 * 2 ** attempt, 30_000));
        continue;
      }
      const { result, errors } = (await answer.json().catch(() => ({}))) as {
        result?: T;
        errors?: { message: string }[];
      };
      if (answer.ok) return result as T;
      const why = (errors ?? []).map((each) => each.message).join(', ');
      throw new ApiError('Cloudflare', answer.status, `${method} ${path}`, why);
    }
  }

  /** A list, from all its pages. `path` may carry a query. */
  async list<T>(path: string): Promise<T[]> {
    const all: T[] = [];
    for (let page = 1; ; page++) {
      const joint = path.includes('?') ? '&' : '?';
      const found = await this.call<T[]>('GET', `${path}${joint}per_page=100&page=${page}`);
      all.push(...found);
      if (found.length < 100) return all;
    }
  }
}
