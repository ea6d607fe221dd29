import { type Api, callApi, notUnderstood } from './api-call.ts';

/** Hetzner's Cloud API (docs.hetzner.cloud), for what the engine's plugin doesn't do. */
export class HetznerApi {
  readonly #api: Api;

  constructor(env: Record<string, string | undefined>) {
    this.#api = {
      who: 'Hetzner',
      base: (env.HCLOUD_ENDPOINT ?? 'https://api.hetzner.cloud/v1').replace(/\/$/, ''),
      token: env.HCLOUD_TOKEN ?? '',
      refusalOf: (answer) => {
        const { message, code } = (answer as { error: { message: string; code?: string } }).error;
        return { why: message, code };
      },
    };
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    return (await callApi(this.#api, method, path, body)) as T;
  }

  /** Everything of one kind, from all pages. */
  all<T>(kind: string): Promise<T[]> {
    return this.#pages(kind, {});
  }

  /** Everything of one kind (`servers`, `volumes`, ...) with these labels, from all pages. */
  async labelled<T>(kind: string, labels: Record<string, string>): Promise<T[]> {
    const selector = Object.entries(labels)
      .map(([key, value]) => `${key}==${value}`)
      .join(',');
    return this.#pages(kind, { label_selector: selector });
  }

  async #pages<T>(kind: string, filter: Record<string, string>): Promise<T[]> {
    const all: T[] = [];
    for (let page: number | null = 1; page !== null; ) {
      const query = new URLSearchParams({ ...filter, per_page: '50', page: String(page) });
      const answer: Page = await this.call('GET', `/${kind}?${query}`);
      const { [kind]: found, meta } = answer;
      if (!Array.isArray(found)) throw notUnderstood(this.#api.who);
      all.push(...(found as T[]));
      page = meta?.pagination.next_page ?? null;
    }
    return all;
  }
}

/** A page of a list, which is under the name of its kind. */
type Page = { meta?: { pagination: { next_page: number | null } } } & Record<string, unknown>;
