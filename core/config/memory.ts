import { withOptionalParts } from '../optional-parts.ts';
import type { Catalogue } from '../service.ts';
import { accessOf, chosenServices } from './dependencies.ts';
import { systemMemoryMb } from './server-types.ts';

/** What an auth proxy may use, in MB. Each protected service has one. */
export const authProxyMemoryMb = 64;

/** What haven.yaml says of services that changes how much memory they may use. */
type ChosenServices = Parameters<typeof chosenServices>[0] & {
  services: Record<string, { options?: Record<string, unknown> }>;
};

/** Memory that all chosen services may use together, including the system, in MB. */
export function memoryMb(config: ChosenServices, catalogue: Catalogue): number {
  const memoryOf = (id: string): number => {
    const { definition } = catalogue.get(id)!;
    const isProtected = accessOf(definition, config.services[id]) !== 'public';
    const { memoryMb: own } = withOptionalParts(definition, config.services[id]?.options ?? {});
    return own + (isProtected ? authProxyMemoryMb : 0);
  };
  return chosenServices(config, catalogue).reduce((sum, id) => sum + memoryOf(id), systemMemoryMb);
}
