import { HetznerApi } from '../../components/hetzner-api.ts';
import { ProblemsError } from '../../core/problem.ts';
import type { Session } from './session.ts';

/** What a cloud has at Hetzner: the name of each kind in the API, in the engine's state, and in words. */
const kinds = [
  { kind: 'servers', type: 'hcloud:index/server:Server', word: 'server' },
  { kind: 'volumes', type: 'hcloud:index/volume:Volume', word: 'volume' },
  { kind: 'primary_ips', type: 'hcloud:index/primaryIp:PrimaryIp', word: 'address' },
  { kind: 'firewalls', type: 'hcloud:index/firewall:Firewall', word: 'firewall' },
  { kind: 'ssh_keys', type: 'hcloud:index/sshKey:SshKey', word: 'SSH key' },
];

/** Something that exists at Hetzner. */
export interface StillThere {
  kind: string;
  /** `the volume haven-ada-data` */
  words: string;
  /** Whether the state has it. */
  isKnown: boolean;
}

/**
 * What is in the way of a recovery, which makes all of a cloud again: everything that the state does not have, and at the
 * beginning the server and the volume in any case, because their data may be newer than any backup. Once a recovery is
 * under way (`isUnderWay`), what it made is in the state.
 */
export async function stillAtHetzner(
  { plan, engine, environment }: Pick<Session, 'plan' | 'engine' | 'environment'>,
  isUnderWay: boolean,
): Promise<StillThere[]> {
  const hetzner = new HetznerApi(environment);
  const known = new Set((await engine.resources()).map(({ type, id }) => `${type} ${id}`));
  const found = await Promise.all(
    kinds.map(async ({ kind, type, word }) => {
      const all = await hetzner.labelled<{ id: number; name: string }>(kind, { haven: plan.haven.id });
      return all.map(({ id, name }): StillThere => {
        return { kind, words: `the ${word} ${name}`, isKnown: known.has(`${type} ${id}`) };
      });
    }),
  );
  const holdsData = ({ kind }: StillThere): boolean => kind === 'servers' || kind === 'volumes';
  return found.flat().filter((each) => !each.isKnown || (holdsData(each) && !isUnderWay));
}

/** Whether `haven up` can set up the cloud from these, so that nothing has to be recovered. */
export const isCloudLeft = (found: StillThere[]): boolean =>
  found.some(({ kind, isKnown }) => kind === 'servers' || (kind === 'volumes' && isKnown));

export function stillThereProblem(found: StillThere[], directory: string): ProblemsError {
  const names = found.map(({ words }) => words).join(', ');
  const works = isCloudLeft(found)
    ? `If it works, run in ${directory}: haven up   If it is lost, delete`
    : 'Delete';
  return new ProblemsError([
    {
      where: 'Hetzner',
      what: `${names} of this cloud still ${found.length === 1 ? 'exists' : 'exist'}, and a recovery makes all of it again. Nothing was changed there.`,
      remedy: `${works} what is named above at console.hetzner.com (disable its protection first), or set HCLOUD_TOKEN to a token of an empty project. Then run in ${directory}: haven recover`,
    },
  ]);
}
