/** How a store's images change so that it holds others. */
export interface StoreChange {
  add: string[];
  remove: string[];
  /** What it holds afterwards, sorted. */
  all: string[];
}

const nameOf = (reference: string): string => reference.replace(/:[^:/]+$/, '');

/**
 * Older builds of an image that is asked for go; images that this run does not ask for stay, for the next one that does.
 * So a store holds one build of each image, however often images change.
 */
export function storeChange(held: string[], wanted: string[]): StoreChange {
  const names = new Set(wanted.map(nameOf));
  const remove = held.filter((each) => names.has(nameOf(each)) && !wanted.includes(each));
  const add = wanted.filter((each) => !held.includes(each));
  return { add, remove, all: [...held.filter((each) => !remove.includes(each)), ...add].toSorted() };
}
