import { currentConditions, type ToldCondition } from '../../core/alarms/alarm-memory.ts';
import type { ConditionKind } from '../../core/alarms/condition.ts';
import { printable } from '../../system/printable.ts';
import { tryRun } from '../../system/run.ts';
import { readBackupMemory } from '../backups/backup-memory.ts';
import type { Layout } from '../store/layout.ts';
import {
  type AlarmOrder,
  putAlarmOrder,
  readAlarmOrder,
  readAlarmWays,
  removeAlarmOrder,
} from './alarm-order.ts';
import { readAlarmMemory, receiversOf, runAlarms, testAlarms } from './run-alarms.ts';

/** What is wrong on a server, and whether its owner could be told. */
export interface AlarmList {
  /** When the server last looked; null if it never did. */
  checkedAt: string | null;
  alarms: (ToldCondition & { detail?: string })[];
  /** By the ways that are set up; `failing` where messages can't be delivered. */
  receivers: { way: string; failing?: { since: string; why: string; fix: string } }[];
}

/** The commands of the agent about alarms. An order comes on standard input, because it contains secrets. */
export const alarmCommands = (
  layout: Layout,
  standardInput: () => Promise<string>,
): Record<string, (args: string[]) => Promise<unknown>> => ({
  'alarm-put': async () => {
    putAlarmOrder(layout, JSON.parse(await standardInput()) as AlarmOrder);
    return readAlarmWays(layout);
  },
  'alarm-remove': async () => {
    removeAlarmOrder(layout);
    return { removed: 'alarms' };
  },
  /** Called by `haven-alarms.timer`. */
  'alarm-run': async () => runAlarms(layout),
  'alarm-test': async () => testAlarms(layout),
  'alarm-list': async () => listAlarms(layout),
});

async function listAlarms(layout: Layout): Promise<AlarmList> {
  const memory = readAlarmMemory(layout);
  const order = readAlarmOrder(layout);
  const alarms = currentConditions(memory).map(async ({ kind, subject, what, fix, since }) => {
    const detail = await detailOf(layout, kind, subject);
    return { kind, subject, what, fix, since, ...(detail === '' ? {} : { detail }) };
  });
  return {
    checkedAt: Date.parse(memory.at) === 0 ? null : memory.at,
    alarms: await Promise.all(alarms),
    receivers: (order ? receiversOf(order) : []).map(({ id, way }) => {
      const failing = memory.receivers[id]?.failing;
      return { way, ...(failing ? { failing } : {}) };
    }),
  };
}

async function detailOf(layout: Layout, kind: ConditionKind, subject: string): Promise<string> {
  if (kind === 'backup') return readBackupMemory(layout)[subject]?.failure?.why ?? '';
  return ['timer', 'renewal', 'bans'].includes(kind) ? lastLines(subject) : '';
}

/** What a unit wrote last. It is shown to the owner, and is in no message. */
async function lastLines(unit: string): Promise<string> {
  const programs: Record<string, string> = {
    'docker.service': 'dockerd',
    'fail2ban.service': 'fail2ban-server',
  };
  const program = programs[unit] ?? 'node';
  const how = ['--lines', '5', '--output', 'cat', '--no-pager', '--quiet'];
  const args = ['--unit', unit, ...how, `_COMM=${program}`];
  return printable((await tryRun('journalctl', args, { timeoutMs: 10_000 })).stdout).trim();
}
