import type { HetznerApi } from '../../components/hetzner-api.ts';
import { ProblemsError } from '../../core/problem.ts';
import type { SessionEngine } from './session.ts';

/**
 * A token of another project sees nothing of this cloud, and the engine would plan to create everything again there. The
 * addresses tell: they are protected, so they outlive a server.
 */
export async function assertOwnProject(
  hetzner: HetznerApi,
  havenId: string,
  engine: Pick<SessionEngine, 'resources'>,
): Promise<void> {
  const found = await hetzner.labelled('primary_ips', { haven: havenId });
  if (found.length > 0) return;
  const known = (await engine.resources()).filter(({ type }) => type === 'hcloud:index/primaryIp:PrimaryIp');
  if (known.length === 0) return;
  const servers = await hetzner.all<{ name: string }>('servers');
  const names = servers.map(({ name }) => name).join(', ');
  throw new ProblemsError([
    {
      where: 'Hetzner',
      what: `nothing of this cloud is in the project of this token, which has ${names === '' ? 'no servers' : `the servers ${names}`}. Nothing was changed.`,
      remedy:
        'Create a token in the project of this cloud, then run: haven secret set hcloud-token   If you deleted the whole cloud there, delete the folder .haven/state, then run: haven up',
    },
  ]);
}
