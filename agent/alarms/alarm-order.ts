import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AlarmWays } from '../../core/alarms/alarm-ways.ts';
import { syncFolder } from '../store/journal.ts';
import { readJson, writeJson } from '../store/json-file.ts';
import type { Layout } from '../store/layout.ts';

/** How to reach the owner, as `haven up` sent it: the ways, and the values of their secrets. */
export interface AlarmOrder {
  ways: AlarmWays;
  secrets: Record<string, string>;
}

const fileOf = (layout: Layout): string => join(layout.alarms, 'order.json');

/** systemd makes it for the unit that sends alarms; other calls may come first. */
export const ensureAlarmsFolder = (layout: Layout): void =>
  void mkdirSync(layout.alarms, { recursive: true, mode: 0o700 });

export const readAlarmOrder = (layout: Layout): AlarmOrder | undefined => readJson(fileOf(layout));

/** What may leave the server: the ways without their secrets. */
export const readAlarmWays = (layout: Layout): AlarmWays | null => readAlarmOrder(layout)?.ways ?? null;

export function putAlarmOrder(layout: Layout, order: AlarmOrder): void {
  ensureAlarmsFolder(layout);
  writeJson(fileOf(layout), order);
}

export function removeAlarmOrder(layout: Layout): void {
  rmSync(fileOf(layout), { force: true });
  ensureAlarmsFolder(layout);
  syncFolder(layout.alarms);
}
