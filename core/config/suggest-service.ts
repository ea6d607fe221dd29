import { nearest, suggest } from '../problem.ts';
import type { Catalogue } from '../service.ts';
import { isImplied } from './dependencies.ts';

/**
 * What to say about a service that is not in the catalogue. Services that are added automatically are only suggested
 * if no other one is meant, and not listed.
 */
export function suggestService(typed: string, catalogue: Catalogue): string {
  const all = [...catalogue.values()].map(({ definition }) => definition);
  const idsOf = (implied: boolean) => all.filter((each) => isImplied(each) === implied).map(({ id }) => id);
  const toAdd = idsOf(false);
  const others = idsOf(true);
  const isOther = nearest(typed, toAdd) === undefined && nearest(typed, others) !== undefined;
  return suggest(typed, isOther ? others : toAdd);
}
