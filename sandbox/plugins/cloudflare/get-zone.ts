import type { Properties } from '../../../components/provider/serve.ts';
import { camel } from '../properties/case.ts';
import { api } from './client.ts';

/** cloudflare.getZone: a zone by its id or by its name. */
export async function getZone({ zoneId, filter }: Properties): Promise<Properties> {
  if (zoneId) return { ...camel(await api('GET', `zones/${zoneId}`)), zoneId };
  const { name } = (filter ?? {}) as { name?: string };
  const found = await api<{ id: string }[]>('GET', `zones?name=${name}`);
  if (found.length !== 1) throw new Error('failed to find exactly one result');
  return { ...camel(found[0]), zoneId: found[0]!.id };
}
