import type { Problem } from '../problem.ts';
import type { Change } from './changes.ts';

/** No provider can make a volume smaller. Says so before anything is asked, instead of in the middle of `up`. */
export function shrunkVolumeProblems(changes: Change[]): Problem[] {
  return changes.flatMap(({ type, kind, before, after }) => {
    if (type !== 'hcloud:index/volume:Volume' || kind !== 'update') return [];
    const [now, wanted] = [Number(before?.size), Number(after?.size)];
    if (!(wanted < now)) return [];
    return {
      where: 'haven.yaml: server.diskGb',
      what: `${wanted} GB is smaller than the volume, which has ${now} GB. A volume can only grow. Nothing was changed.`,
      remedy: `Set diskGb to ${now} or more, then run: haven up`,
    };
  });
}
