import type { Catalogue } from '../service.ts';

/** The services that owners can choose, or that come with those. */
export const offeredServices = (catalogue: Catalogue): Catalogue =>
  new Map([...catalogue].filter(([, { definition }]) => definition.notOffered === undefined));
