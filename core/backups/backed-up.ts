import type { Release } from '../release/release.ts';

/** Which of these data of a release are part of a backup: not what its program fetches again. */
export const backedUp = ({ data }: Pick<Release, 'data'>, names: string[]): string[] =>
  names.filter((name) => data[name]?.backup !== false);
