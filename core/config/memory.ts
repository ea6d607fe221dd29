import type { Catalogue } from '../service.ts';
import { chosenServices } from './dependencies.ts';
import { systemMemoryMb } from './server-types.ts';

/** Memory that all chosen services may use together, including the system, in MB. */
export function memoryMb(config: Parameters<typeof chosenServices>[0], catalogue: Catalogue): number {
  return chosenServices(config, catalogue).reduce(
    (sum, id) => sum + (catalogue.get(id)?.definition.memoryMb ?? 0),
    systemMemoryMb,
  );
}
