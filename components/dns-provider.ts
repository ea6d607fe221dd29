import type { ExistingRecord } from '../core/dns/conflicts.ts';
import { CloudflareApi } from './cloudflare-api.ts';

/** A host of DNS zones, as far as we look at it and make way: what is ours goes through the engine. */
export interface DnsProvider {
  records(zone: string): Promise<ExistingRecord[]>;
  /** Makes a record of somebody else's ours: from then on the engine keeps it. Answers with its id for the engine. */
  adopt(zone: string, record: ExistingRecord, mark: string): Promise<string>;
  remove(zone: string, record: ExistingRecord): Promise<void>;
}

export class CloudflareHost implements DnsProvider {
  readonly #api: CloudflareApi;

  constructor(env: Record<string, string>) {
    this.#api = new CloudflareApi(env);
  }

  async #zoneId(zone: string): Promise<string> {
    const found = await this.#api.call<{ id: string }[]>('GET', `zones?name=${zone}`);
    if (!found[0])
      throw new Error(
        `Cloudflare has no zone ${zone} that this token may see. Add the domain there, or give the token access to it.`,
      );
    return found[0].id;
  }

  async records(zone: string): Promise<ExistingRecord[]> {
    return this.#api.list(`zones/${await this.#zoneId(zone)}/dns_records`);
  }

  async adopt(zone: string, record: ExistingRecord, mark: string): Promise<string> {
    const id = await this.#zoneId(zone);
    await this.#api.call('PATCH', `zones/${id}/dns_records/${record.id}`, { comment: mark });
    return `${id}/${record.id}`;
  }

  async remove(zone: string, record: ExistingRecord): Promise<void> {
    await this.#api.call('DELETE', `zones/${await this.#zoneId(zone)}/dns_records/${record.id}`);
  }
}
