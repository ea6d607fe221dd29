import type { Catalogue } from '../service.ts';
import type { HavenConfig } from './config-schema.ts';
import { chosenServices } from './dependencies.ts';
import { systemMemoryMb } from './server-types.ts';

/** Memory that everything chosen may take together, the system included, in MB. */
export function memoryMb(config: HavenConfig, catalogue: Catalogue): number {
  return chosenServices(config, catalogue).reduce(
    (sum, id) => sum + (catalogue.get(id)?.definition.memoryMb ?? 0),
    systemMemoryMb,
  );
}
