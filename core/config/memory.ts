import type { Catalogue } from '../service.ts';
import { accessOf, chosenServices } from './dependencies.ts';
import { systemMemoryMb } from './server-types.ts';

/** What an auth proxy may use, in MB. Each protected service has one. */
export const authProxyMemoryMb = 64;

/** Memory that all chosen services may use together, including the system, in MB. */
export function memoryMb(config: Parameters<typeof chosenServices>[0], catalogue: Catalogue): number {
  const memoryOf = (id: string): number => {
    const { definition } = catalogue.get(id)!;
    const isProtected = accessOf(definition, config.services[id]) !== 'public';
    return definition.memoryMb + (isProtected ? authProxyMemoryMb : 0);
  };
  return chosenServices(config, catalogue).reduce((sum, id) => sum + memoryOf(id), systemMemoryMb);
}
