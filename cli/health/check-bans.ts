import type { BanList } from '../../agent/bans/ban-commands.ts';
import type { Asked } from '../../components/provider/ask-together.ts';
import type { ServiceStatus } from './service-status.ts';

export const notGuarding =
  'Failed logins are not counted, because fail2ban is not running on the server. It is started again each minute. If this stays, run: haven alarm list';

/** Whether guesses of passwords are answered, and how many addresses are banned now. */
export async function checkBans(agent: Asked): Promise<ServiceStatus[]> {
  const { isGuarding, bans } = await agent.call<BanList>(['ban-list']);
  const addresses = new Set(bans.map(({ address }) => address)).size;
  const banned = addresses === 0 ? 'no address is banned' : `banned: ${addresses}. See: haven ban list`;
  const evidence = isGuarding ? `failed logins are counted; ${banned}` : notGuarding;
  return [{ service: 'bans', good: isGuarding, evidence }];
}
