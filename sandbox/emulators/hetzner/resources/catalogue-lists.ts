import type { Faults } from '../project/faults.ts';
import { byId } from '../project/project.ts';
import { ok } from '../protocol/answers.ts';
import { answerPage, filterList, type Listed } from '../protocol/listing.ts';
import { images, locations, pricing, serverTypes } from './catalogue.ts';
import type { Answerer } from './resource.ts';

/** `/locations`, `/server_types`, `/images`: what Hetzner offers. It can only be read. */
const answererOf =
  (
    plural: string,
    singular: string,
    listed: readonly (Listed & { id: number })[] | ((faults: Faults) => (Listed & { id: number })[]),
  ): Answerer =>
  (project, { method, query }, [id]) => {
    if (method !== 'GET') return undefined;
    const all = typeof listed === 'function' ? listed(project.state.faults) : listed;
    if (id) return ok({ [singular]: byId(all, singular, Number(id)) });
    return answerPage(plural, filterList(all, query), query);
  };

/** Types that are sold out are listed, and available nowhere. */
const withAvailability = ({ soldOut }: Faults) =>
  serverTypes.map((type) => ({
    ...type,
    locations: type.locations.map((each) => ({ ...each, available: !soldOut.includes(type.name) })),
  }));

export const catalogueLists: Record<string, Answerer> = {
  locations: answererOf('locations', 'location', locations),
  server_types: answererOf('server_types', 'server_type', withAvailability),
  images: answererOf('images', 'image', images),
  pricing: (_project, { method }, [more]) => (method === 'GET' && !more ? ok({ pricing }) : undefined),
};
