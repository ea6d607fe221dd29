import type { ExistingRecord } from '../core/dns-conflicts.ts';

/** A host of DNS zones, as far as we look at it and make way: what is ours goes through the engine. */
export interface DnsHost {
  records(zone: string): Promise<ExistingRecord[]>;
  /** Makes a record of somebody else's ours: from then on the engine keeps it. Answers with its id for the engine. */
  adopt(zone: string, record: ExistingRecord, mark: string): Promise<string>;
  remove(zone: string, record: ExistingRecord): Promise<void>;
}

/** Cloudflare, by its API v4 (developers.cloudflare.com/api). */
export class CloudflareHost implements DnsHost {
  readonly #base: string;
  readonly #token: string;

  constructor(env: Record<string, string>) {
    this.#base = (env.CLOUDFLARE_BASE_URL ?? 'https://api.cloudflare.com/client/v4/').replace(/\/?$/, '/');
    this.#token = env.CLOUDFLARE_API_TOKEN ?? '';
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(this.#base + path, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { result, errors } = (await answer.json()) as { result: unknown; errors: { message: string }[] };
    if (!answer.ok)
      throw new Error(
        `Cloudflare: ${errors.map((each) => each.message).join(', ')} (${answer.status} to ${method} ${path})`,
      );
    return result;
  }

  async #zoneId(zone: string): Promise<string> {
    const found = (await this.#call('GET', `zones?name=${zone}`)) as { id: string }[];
    if (!found[0])
      throw new Error(
        `Cloudflare has no zone ${zone} that this token may see. Add the domain there, or give the token access to it.`,
      );
    return found[0].id;
  }

  async records(zone: string): Promise<ExistingRecord[]> {
    const id = await this.#zoneId(zone);
    const all: ExistingRecord[] = [];
    for (let page = 1; ; page++) {
      const found = (await this.#call(
        'GET',
        `zones/${id}/dns_records?per_page=100&page=${page}`,
      )) as ExistingRecord[];
      all.push(...found);
      if (found.length < 100) return all;
    }
  }

  async adopt(zone: string, record: ExistingRecord, mark: string): Promise<string> {
    const id = await this.#zoneId(zone);
    await this.#call('PATCH', `zones/${id}/dns_records/${record.id}`, { comment: mark });
    return `${id}/${record.id}`;
  }

  async remove(zone: string, record: ExistingRecord): Promise<void> {
    await this.#call('DELETE', `zones/${await this.#zoneId(zone)}/dns_records/${record.id}`);
  }
}
