import { byId } from '../project/project.ts';
import { ok } from '../protocol/answers.ts';
import { answerPage, filterList, type Listed } from '../protocol/listing.ts';
import { images, locations, pricing, serverTypes } from './catalogue.ts';
import type { Answerer } from './resource.ts';

/** `/locations`, `/server_types`, `/images`: what Hetzner offers. It can only be read. */
const answererOf =
  (plural: string, singular: string, all: readonly (Listed & { id: number })[]): Answerer =>
  (_project, { method, query }, [id]) => {
    if (method !== 'GET') return undefined;
    if (id) return ok({ [singular]: byId(all, singular, Number(id)) });
    return answerPage(plural, filterList(all, query), query);
  };

export const catalogueLists: Record<string, Answerer> = {
  locations: answererOf('locations', 'location', locations),
  server_types: answererOf('server_types', 'server_type', serverTypes),
  images: answererOf('images', 'image', images),
  pricing: (_project, { method }, [more]) => (method === 'GET' && !more ? ok({ pricing }) : undefined),
};
