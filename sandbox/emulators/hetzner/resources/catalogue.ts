import { invalid } from '../protocol/errors.ts';

/**
 * Locations, server types and images that the sandbox Hetzner Cloud offers. The names are real ones; the prices are
 * made up for the sandbox, near what is customary, and every table that shows them says so.
 */
export const locations = [
  { id: 1, name: 'fsn1', city: 'Falkenstein', country: 'DE', network_zone: 'eu-central' },
  { id: 2, name: 'nbg1', city: 'Nuremberg', country: 'DE', network_zone: 'eu-central' },
  { id: 3, name: 'hel1', city: 'Helsinki', country: 'FI', network_zone: 'eu-central' },
  { id: 4, name: 'ash', city: 'Ashburn, VA', country: 'US', network_zone: 'us-east' },
].map((each) => ({ ...each, description: each.city, latitude: 0, longitude: 0 }));

const types: [number, string, number, number, number, 'x86' | 'arm', string, string][] = [
  [114, 'cx23', 2, 4, 40, 'x86', 'shared', '3.4900'],
  [115, 'cx33', 4, 8, 80, 'x86', 'shared', '5.4900'],
  [116, 'cx43', 8, 16, 160, 'x86', 'shared', '9.4900'],
  [45, 'cax11', 2, 4, 40, 'arm', 'shared', '3.7900'],
  [93, 'cax21', 4, 8, 80, 'arm', 'shared', '6.4900'],
];

const vat = 1.19;
const price = (net: string, factor = 1) => {
  const value = Number(net) * factor;
  return { net: value.toFixed(10), gross: (value * vat).toFixed(10) };
};

const pricesOf = (monthly: string) =>
  ['fsn1', 'nbg1', 'hel1'].map((location) => ({
    location,
    price_hourly: price(monthly, 1 / 624),
    price_monthly: price(monthly),
    included_traffic: 21990232555520,
    price_per_tb_traffic: price('1.0000'),
  }));

export const serverTypes = types.map(([id, name, cores, memory, disk, architecture, cpu_type, monthly]) => ({
  id,
  name,
  description: name.toUpperCase(),
  category: 'cost_optimized',
  cores,
  memory,
  disk,
  architecture,
  cpu_type,
  storage_type: 'local',
  deprecated: false,
  deprecation: null,
  prices: pricesOf(monthly),
  locations: ['fsn1', 'nbg1', 'hel1'].map((location) => ({
    id: locations.find((each) => each.name === location)?.id,
    name: location,
    available: true,
    recommended: true,
    deprecation: null,
  })),
}));

const systems: [string, string, string, 'x86' | 'arm'][] = [
  ['debian-13', 'Debian 13', '13', 'x86'],
  ['debian-13', 'Debian 13', '13', 'arm'],
];

export const images = systems.map(([name, description, os_version, architecture], index) => ({
  id: 310000 + index,
  type: 'system',
  status: 'available',
  name,
  description,
  image_size: null,
  disk_size: 5,
  created: '2025-08-09T00:00:00Z',
  created_from: null,
  bound_to: null,
  os_flavor: 'debian',
  os_version,
  rapid_deploy: true,
  protection: { delete: false },
  deprecated: null,
  deleted: null,
  labels: {},
  architecture,
}));

export const pricing = {
  currency: 'EUR',
  vat_rate: '19.000000',
  image: { price_per_gb_month: price('0.0110') },
  // Two types, as there are of primary addresses: Hetzner's own client relies on that.
  floating_ips: ['ipv4', 'ipv6'].map((type) => ({
    type,
    prices: ['fsn1', 'nbg1', 'hel1', 'ash'].map((location) => ({ location, price_monthly: price('3.0000') })),
  })),
  primary_ips: ['ipv4', 'ipv6'].map((type) => ({
    type,
    prices: ['fsn1', 'nbg1', 'hel1', 'ash'].map((location) => ({
      location,
      price_hourly: price(type === 'ipv4' ? '0.0008' : '0'),
      price_monthly: price(type === 'ipv4' ? '0.5000' : '0'),
    })),
  })),
  server_backup: { percentage: '20.0000000000' },
  server_types: serverTypes.map(({ id, name, prices }) => ({ id, name, prices })),
  load_balancer_types: [],
  volume: { price_per_gb_month: price('0.0440') },
};

/** The name of a location, if there is one of that name. */
export function findLocation(name: string | undefined): string {
  const found = locations.find((each) => each.name === name);
  if (!found) throw invalid('location', `there is no location "${name}"`);
  return found.name;
}

/** A location as the API shows it inside of other things. */
export const shownLocation = (name: string) => locations.find((each) => each.name === name);

export function findServerType(name: string) {
  const found = serverTypes.find((each) => each.name === name);
  if (!found) throw invalid('server_type', `there is no server type "${name}"`);
  return found;
}

export function findImage(idOrName: number | string, architecture: 'x86' | 'arm') {
  const found = images.find(
    (each) => (each.id === idOrName || each.name === idOrName) && each.architecture === architecture,
  );
  if (!found) throw invalid('image', `there is no image "${idOrName}" for ${architecture}`);
  return found;
}
