import { run } from '../../system/run.ts';

export const fail2banUnit = 'fail2ban.service';

/**
 * Which start of fail2ban is running; undefined where none is. It can be down without harm to a service: what it banned
 * ends on time (core/bans/ban-table.ts), and an alarm tells the owner.
 */
export async function fail2banStart(): Promise<string | undefined> {
  const properties = ['--property=ActiveState', '--property=InvocationID'];
  const { stdout } = await run('systemctl', ['show', ...properties, fail2banUnit], { timeoutMs: 20_000 });
  const values = Object.fromEntries(stdout.split('\n').map((line) => line.split('=') as [string, string]));
  if (!['active', 'activating', 'reloading'].includes(values.ActiveState ?? '')) return undefined;
  return values.InvocationID;
}

/** Has fail2ban read its files again. Bans of services that it still knows stay. */
export async function reloadFail2ban(): Promise<void> {
  await run('fail2ban-client', ['reload'], { timeoutMs: 30_000 });
}

/** Starts it, or starts it again. It reads its files then, and bans again whom it had banned. */
export async function restartFail2ban(): Promise<void> {
  await run('systemctl', ['restart', fail2banUnit], { timeoutMs: 60_000 });
}
