import { type Api, callApi, notUnderstood } from '../api-call.ts';

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
    const { result } = ((await callApi(this.#api, method, path, body)) ?? {}) as { result?: T };
    if (result === undefined) throw notUnderstood(this.#api.who);
    return result;
  }

  /** A list, from all its pages. `path` may have a query. */
  async list<T>(path: string): Promise<T[]> {
    const all: T[] = [];
    for (let page = 1; ; page++) {
      const joint = path.includes('?') ? '&' : '?';
      const found = await this.call<T[]>('GET', `${path}${joint}per_page=100&page=${page}`);
      if (!Array.isArray(found)) throw notUnderstood(this.#api.who);
      all.push(...found);
      if (found.length < 100) return all;
    }
  }
}
