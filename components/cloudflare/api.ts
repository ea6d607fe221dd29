import { type Api, callApi, notUnderstood } from '../api-call.ts';

/** How many DNS records are asked for at once. Cloudflare lists more, if it is asked to. */
export const recordsPerPage = 5000;

/** Cloudflare's API v4 (developers.cloudflare.com/api). A call returns the `result` of its envelope. */
export class CloudflareApi {
  readonly #api: Api;

  constructor(env: Record<string, string | undefined>) {
    this.#api = {
      who: 'Cloudflare',
      base: (env.CLOUDFLARE_BASE_URL ?? 'https://api.cloudflare.com/client/v4').replace(/\/$/, ''),
      token: env.CLOUDFLARE_API_TOKEN ?? '',
      refusalOf: (answer) => {
        const { errors } = answer as { errors: { message: string; code?: number }[] };
        const [first] = errors;
        return {
          why: errors.map((each) => each.message).join(', '),
          code: first?.code === undefined ? undefined : String(first.code),
        };
      },
    };
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    return (await this.#ask<T>(method, path, body)).result;
  }

  /** A list, from all its pages. `path` may have a query. */
  async list<T>(path: string, perPage = 100): Promise<T[]> {
    const all: T[] = [];
    for (let page = 1; ; page++) {
      const joint = path.includes('?') ? '&' : '?';
      const query = `per_page=${perPage}&page=${page}`;
      const { result, result_info } = await this.#ask<T[]>('GET', `${path}${joint}${query}`);
      if (!Array.isArray(result)) throw notUnderstood(this.#api.who);
      all.push(...result);
      // It may list fewer at once than it was asked for.
      const isLast = result_info ? page >= result_info.total_pages : result.length < perPage;
      if (isLast) return all;
    }
  }

  async #ask<T>(method: string, path: string, body?: unknown): Promise<Envelope<T>> {
    const { result, result_info } = ((await callApi(this.#api, method, path, body)) ?? {}) as Partial<
      Envelope<T>
    >;
    if (result === undefined) throw notUnderstood(this.#api.who);
    return { result, ...(result_info ? { result_info } : {}) };
  }
}

/** What Cloudflare puts around each answer; `result_info` is around lists. */
interface Envelope<T> {
  result: T;
  result_info?: { total_pages: number };
}
