import { type Api, callApi } from './api-call.ts';

/** Hetzner's Cloud API (docs.hetzner.cloud), for what the engine's plugin doesn't do. */
export class HetznerApi {
  readonly #api: Api;

  constructor(env: Record<string, string | undefined>) {
    this.#api = {
      who: 'Hetzner',
      base: (env.HCLOUD_ENDPOINT ?? 'https://api.hetzner.cloud/v1').replace(/\/$/, ''),
      token: env.HCLOUD_TOKEN ?? '',
      whyOf: (answer) => (answer as { error: { message: string } }).error.message,
    };
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    return (await callApi(this.#api, method, path, body)) as T;
  }

  /** Everything of one kind (`servers`, `volumes`, ...) with these labels, from all pages. */
  async labelled<T>(kind: string, labels: Record<string, string>): Promise<T[]> {
    const selector = Object.entries(labels)
      .map(([key, value]) => `${key}==${value}`)
      .join(',');
    const all: T[] = [];
    for (let page: number | null = 1; page !== null; ) {
      const query = new URLSearchParams({ label_selector: selector, per_page: '50', page: String(page) });
      const answer: { meta: { pagination: { next_page: number | null } } } & Record<string, unknown> =
        await this.call('GET', `/${kind}?${query}`);
      all.push(...(answer[kind] as T[]));
      page = answer.meta.pagination.next_page;
    }
    return all;
  }
}
