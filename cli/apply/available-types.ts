import { HetznerApi } from '../../components/hetzner-api.ts';
import { hetznerTypes } from '../../core/config/server-types.ts';
import { isSoldOut } from '../../core/remedies.ts';

interface ServerType {
  name: string;
  locations?: { name: string; available: boolean }[];
}

/**
 * After an error that says that a type is sold out: which types are available at the same place now, as a sentence. Empty
 * after every other error, and where Hetzner can't say it: the error itself counts then.
 */
export async function availableTypes(
  errors: string[],
  location: string,
  environment: Record<string, string>,
): Promise<string> {
  if (!errors.some(isSoldOut)) return '';
  const hetzner = new HetznerApi(environment);
  const types = await hetzner.all<ServerType>('server_types').catch(() => []);
  const available = types.filter(
    ({ name, locations = [] }) =>
      name in hetznerTypes && locations.some((each) => each.name === location && each.available),
  );
  return available.length > 0
    ? `Available in ${location} now: ${available.map(({ name }) => name).join(', ')}.`
    : '';
}
