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

/**
 * A recovery is for a cloud that is gone. Throws if something of it still exists: its data may be newer than any backup,
 * and a second server of the same cloud would take its place. Once a recovery is under way (`isUnderWay`), what it made is
 * in the state. What outlives a server, such as its addresses, may be in an older state, too.
 */
export async function assertNothingLeft(
  { plan, engine, environment }: Pick<Session, 'plan' | 'engine' | 'environment'>,
  { isUnderWay, directory }: { isUnderWay: boolean; directory: string },
): Promise<void> {
  const hetzner = new HetznerApi(environment);
  const known = new Set((await engine.resources()).map(({ type, id }) => `${type} ${id}`));
  const found = await Promise.all(
    kinds.map(async ({ kind, type, word }) => {
      const all = await hetzner.labelled<{ id: number; name: string }>(kind, { haven: plan.haven.id });
      const holdsData = kind === 'servers' || kind === 'volumes';
      return all
        .filter(({ id }) => !known.has(`${type} ${id}`) || (holdsData && !isUnderWay))
        .map(({ name }) => `the ${word} ${name}`);
    }),
  );
  const names = found.flat();
  if (names.length === 0) return;
  throw new ProblemsError([
    {
      where: 'Hetzner',
      what: `${names.join(', ')} of this cloud still ${names.length === 1 ? 'exists' : 'exist'}, and a recovery makes all of it again. Nothing was changed there.`,
      remedy: `If the server works, or its volume exists, run in ${directory}: haven up   If both are lost, delete what is named above at console.hetzner.com (disable its protection first), or set HCLOUD_TOKEN to a token of an empty project. Then run there: haven recover`,
    },
  ]);
}
