import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from './api-error.ts';

/** Hetzner's Cloud API (docs.hetzner.cloud), as far as the engine's plugin doesn't do the asking for us. */
export class HetznerApi {
  readonly #base: string;
  readonly #token: string;

  constructor(env: Record<string, string | undefined>) {
    this.#base = (env.HCLOUD_ENDPOINT ?? 'https://api.hetzner.cloud/v1').replace(/\/$/, '');
    this.#token = env.HCLOUD_TOKEN ?? '';
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
      if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as T;
      if (answer.status === 429 && attempt < 5) {
        await sleep(1000 * 2 ** attempt);
        continue;
      }
      const { error } = (await answer.json().catch(() => ({}))) as { error?: { message?: string } };
      throw new ApiError('Hetzner', answer.status, `${method} ${path}`, error?.message ?? '');
    }
  }

  /** Everything of one kind (`servers`, `volumes`, ...) that carries these labels, from all pages. */
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
