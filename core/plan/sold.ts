import { hetznerLocations, hetznerTypes } from '../config/server-types.ts';
import type { Problem } from '../problem.ts';
import type { Change } from './changes.ts';
import type { Pricing } from './cost.ts';

/** The server types that are sold at a location, of those that haven.yaml accepts: what has a price there is sold there. */
export const soldAt = (location: string, { server_types }: Pricing): string[] =>
  Object.keys(hetznerTypes).filter((type) =>
    server_types.some(
      ({ name, prices }) => name === type && prices.some((each) => each.location === location),
    ),
  );

/** What is wrong with a type that is not sold at a location, and what is sold there. */
export function notSold(type: string, location: string, sold: string[]): { what: string; remedy: string } {
  const place = hetznerLocations[location] ?? location;
  return {
    what: `${type} is not sold in ${place} (${location}).`,
    remedy:
      sold.length > 0
        ? `Choose one that is: ${sold.join(', ')}. Or choose another location.`
        : 'Choose another location: of the types that haven knows, none is sold there.',
  };
}

/** A server of a type that is not sold there can't be created. One that already runs is left alone. */
export function notSoldProblems(
  { type, location }: { type: string; location: string },
  changes: Change[],
  pricing: Pricing,
): Problem[] {
  const isBought = changes.some(
    (each) =>
      each.type === 'hcloud:index/server:Server' &&
      (['create', 'replace'].includes(each.kind) ||
        (each.kind === 'update' && each.before?.serverType !== type)),
  );
  const sold = soldAt(location, pricing);
  if (!isBought || sold.includes(type)) return [];
  const { what, remedy } = notSold(type, location, sold);
  return [{ where: 'haven.yaml: server.type', what: `${what} Nothing was changed.`, remedy }];
}
