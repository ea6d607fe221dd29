import type { ApiAnswer, ApiRequest } from '../http-api.ts';
import type { Account } from './account.ts';
import { answerPage, ok } from './answers.ts';
import { CloudflareError } from './errors.ts';
import { canBeProxied, parseRecord } from './record-body.ts';
import { assertNoConflict } from './record-conflicts.ts';
import type { DnsRecord, Zone } from './state.ts';

/** `/zones/ZONE/dns_records`: a zone's DNS records. Undefined where there is no such path. */
export async function answerRecords(
  account: Account,
  zone: Zone,
  { method, query, body }: Pick<ApiRequest, 'method' | 'query' | 'body'>,
  id: string | undefined,
): Promise<ApiAnswer | undefined> {
  if (!id) {
    if (method === 'GET') return answerPage(select(zone, query).map(show), query);
    if (method === 'POST') return ok(show(await write(account, zone, body)));
    return undefined;
  }
  const record = zone.records.find((each) => each.id === id);
  if (!record) throw new CloudflareError(404, 81044, 'Record does not exist.');
  switch (method) {
    case 'GET':
      return ok(show(record));
    case 'PUT':
      return ok(show(await write(account, zone, body, record)));
    case 'PATCH':
      return ok(show(await write(account, zone, { ...bodyOf(record), ...(body as object) }, record)));
    case 'DELETE':
      zone.records = zone.records.filter((each) => each !== record);
      await changed(account, zone);
      return ok({ id });
    default:
      return undefined;
  }
}

function select(zone: Zone, query: URLSearchParams): DnsRecord[] {
  const name = query.get('name') ?? query.get('name.exact');
  const type = query.get('type');
  const content = query.get('content') ?? query.get('content.exact');
  const comment = query.get('comment.contains');
  return zone.records.filter(
    (each) =>
      (name === null || each.name === name) &&
      (type === null || each.type === type) &&
      (content === null || each.content === content) &&
      (comment === null || (each.comment ?? '').includes(comment)),
  );
}

/** Adds the record that a body describes, or puts it in the place of the old one. */
async function write(account: Account, zone: Zone, body: unknown, old?: DnsRecord): Promise<DnsRecord> {
  const record = parseRecord(zone, body, old);
  assertNoConflict(zone, record);
  if (old) zone.records = zone.records.map((each) => (each === old ? record : each));
  else zone.records.push(record);
  await changed(account, zone);
  return record;
}

async function changed(account: Account, zone: Zone): Promise<void> {
  zone.serial += 1;
  await account.publish(zone);
}

/** The body that describes a record: what a client could have sent to make it. */
export function bodyOf({
  id: _id,
  created_on: _created,
  modified_on: _modified,
  tags: _tags,
  settings: _settings,
  content,
  data,
  ...rest
}: Partial<DnsRecord>): object {
  return data ? { ...rest, data } : { ...rest, content };
}

/** A record as the API shows it. */
const show = (record: DnsRecord) => ({
  ...record,
  proxiable: canBeProxied(record.type),
  meta: {},
  comment_modified_on: record.comment === null ? undefined : record.modified_on,
});
