import type { ExistingRecord } from '../../core/dns/existing-record.ts';
import { ApiError, type Environment, unlessGone } from '../api-call.ts';
import { type AdoptedRecord, type DnsZones, writeTestName, ZoneNotFound } from '../dns-provider.ts';
import { CloudflareApi, recordsPerPage } from './api.ts';
import { type ApiRecord, bodyOf, contentOf } from './record-fields.ts';

/** The zones at Cloudflare that a token can see. */
export class CloudflareZones implements DnsZones {
  readonly #api: CloudflareApi;

  constructor(environment: Environment) {
    this.#api = new CloudflareApi(environment);
  }

  async zoneOf(name: string): Promise<string> {
    const found = await this.#nearest(name);
    if (!found) throw new ZoneNotFound('Cloudflare', name);
    return found;
  }

  async records(zone: string): Promise<ExistingRecord[]> {
    const found = await this.#api.list<ApiRecord>(await this.#pathIn(zone), recordsPerPage);
    return found.map((each) => ({
      id: each.id,
      zone,
      name: each.name,
      type: each.type,
      content: contentOf(each),
      // 1 is "automatic", which is 300 s (developers.cloudflare.com/dns/manage-dns-records/reference/ttl).
      ttlSeconds: each.ttl === 1 ? 300 : each.ttl,
      comment: each.comment,
      raw: each,
    }));
  }

  async mayWrite(zone: string): Promise<boolean> {
    const path = await this.#pathIn(zone);
    const name = writeTestName(zone);
    const remove = ({ id }: { id: string }) => unlessGone(() => this.#api.call('DELETE', `${path}/${id}`));
    try {
      const query = new URLSearchParams({ 'name.exact': name, type: 'TXT' });
      for (const left of await this.#api.list<ApiRecord>(`${path}?${query}`)) await remove(left);
      const content = '"haven tries whether it may write here. This record can be deleted."';
      await remove(await this.#api.call<ApiRecord>('POST', path, { name, type: 'TXT', content, ttl: 60 }));
      return true;
    } catch (error) {
      // "Authentication error" (10000), as for a token without the permission DNS:Edit.
      if (error instanceof ApiError && [401, 403].includes(error.status)) return false;
      throw error;
    }
  }

  async stateOf(record: ExistingRecord): Promise<AdoptedRecord> {
    return { id: record.id, inputs: { zoneId: await this.#zoneId(record.zone) } };
  }

  async remove(record: ExistingRecord): Promise<void> {
    const path = await this.#pathOf(record);
    await unlessGone(() => this.#api.call('DELETE', path));
  }

  async putBack(record: ExistingRecord): Promise<void> {
    const path = await this.#pathIn(record.zone);
    const body = bodyOf(record.raw as ApiRecord);
    const isThere = await unlessGone(() => this.#api.call('PUT', `${path}/${record.id}`, body));
    if (!isThere) await this.#api.call('POST', path, body);
  }

  async find(inputs: Record<string, unknown>): Promise<string | undefined> {
    const { zoneId, name, type, comment } = inputs;
    const query = new URLSearchParams({ 'name.exact': String(name), type: String(type) });
    const records = await this.#api.list<ApiRecord>(`zones/${zoneId}/dns_records?${query}`);
    const ours = records.filter((each) => each.comment === comment);
    // A name may have several of a type, such as two TLSA records. They differ in their data.
    const content = contentOf(inputs);
    return (inputs.data ? ours.find((each) => contentOf(each) === content) : ours[0])?.id;
  }

  async #zoneId(zone: string): Promise<string> {
    const id = await this.#idOf(zone);
    if (id !== undefined) return id;
    const above = await this.#nearest(zone);
    const remedy = above && `It has ${above}: below the domain in haven.yaml, add the line "zone: ${above}".`;
    throw new ZoneNotFound('Cloudflare', zone, remedy);
  }

  async #idOf(zone: string): Promise<string | undefined> {
    const [found] = await this.#api.list<{ id: string }>(`zones?name=${zone}`);
    return found?.id;
  }

  /** A top-level domain is nobody's zone, so names of one label are not asked for. */
  async #nearest(name: string): Promise<string | undefined> {
    const labels = name.split('.');
    for (let above = 0; above < labels.length - 1; above++) {
      const zone = labels.slice(above).join('.');
      if ((await this.#idOf(zone)) !== undefined) return zone;
    }
    return undefined;
  }

  async #pathIn(zone: string): Promise<string> {
    return `zones/${await this.#zoneId(zone)}/dns_records`;
  }

  async #pathOf({ zone, id }: ExistingRecord): Promise<string> {
    return `${await this.#pathIn(zone)}/${id}`;
  }
}
