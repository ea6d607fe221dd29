import type { AlarmList } from '../../agent/alarms/alarm-commands.ts';
import type { Asked } from '../../components/provider/ask-together.ts';
import type { ServiceStatus } from './service-status.ts';

/** If the server has not looked for this long, it sends no alarms. */
const staleMs = 10 * 60_000;

/** Whether the server looks for alarms, and can deliver them. Sends nothing. `now` is the server's time. */
export async function checkAlarms(agent: Asked, now: number): Promise<ServiceStatus[]> {
  return judgeAlarms(await agent.call<AlarmList>(['alarm-list']), now);
}

export function judgeAlarms({ checkedAt, receivers }: AlarmList, now: number): ServiceStatus[] {
  const service = 'alarms';
  if (checkedAt === null || now - Date.parse(checkedAt) > staleMs)
    return [
      {
        service,
        good: false,
        evidence: `the server ${checkedAt === null ? 'has not looked for alarms yet' : `last looked for alarms at ${checkedAt}`}, so none are sent. Wait 2 minutes. If this stays, run: haven ssh systemctl status haven-alarms.service`,
      },
    ];
  if (receivers.length === 0)
    return [{ service, good: false, evidence: 'the server does not have your alarms yet. Run: haven up' }];
  const failing = receivers.flatMap(({ way, failing }) => (failing ? [{ way, ...failing }] : []));
  if (failing.length === 0)
    return [{ service, good: true, evidence: `are sent by ${receivers.map(({ way }) => way).join(', ')}` }];
  return failing.map(({ way, since, why, fix }) => ({
    service,
    good: false,
    evidence: `an alarm could not be delivered by ${way} since ${since}: ${why}. ${fix}`,
  }));
}
