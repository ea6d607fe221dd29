import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  type AlarmMemory,
  newsFor,
  noMemory,
  rememberFailure,
  rememberLook,
  rememberTold,
} from '../../core/alarms/alarm-memory.ts';
import { renderAlarm, renderTest } from '../../core/alarms/alarm-message.ts';
import type { AlarmWay } from '../../core/alarms/alarm-ways.ts';
import { type Facts, findConditions } from '../../core/alarms/find-conditions.ts';
import { readJson, writeJson } from '../store/json-file.ts';
import type { Layout } from '../store/layout.ts';
import { type AlarmOrder, ensureAlarmsFolder, readAlarmOrder } from './alarm-order.ts';
import { type Delivery, deliver } from './deliver.ts';
import { gatherFacts } from './gather-facts.ts';

const memoryFile = (layout: Layout): string => join(layout.alarms, 'memory.json');

export const readAlarmMemory = (layout: Layout): AlarmMemory =>
  readJson<AlarmMemory>(memoryFile(layout)) ?? noMemory;

/** One look at the server, each minute; tells each receiver what it does not know yet. */
export async function runAlarms(
  layout: Layout,
  now = Date.now(),
  gather: (layout: Layout, now: number) => Promise<Facts> = gatherFacts,
): Promise<Delivery[]> {
  const order = readAlarmOrder(layout);
  const receivers = order ? receiversOf(order) : [];
  const before = readAlarmMemory(layout);
  const found = findConditions(await gather(layout, now), new Set(Object.keys(before.held)));
  const ids = receivers.map(({ id }) => id);
  let memory = rememberLook(before, found, ids, now);
  ensureAlarmsFolder(layout);
  // Before anything is sent: where it can't be written, a message would be sent again each minute.
  writeJson(memoryFile(layout), memory);
  if (!order) return [];
  const due = receivers.flatMap(({ id, way }) => {
    const news = newsFor(memory, id, now);
    return news ? [{ id, way, news }] : [];
  });
  const deliveries = await Promise.all(
    due.map(({ way, news }) => deliver(layout, order, way, renderAlarm(order.ways.cloud, news, now))),
  );
  for (const [index, { id, news }] of due.entries()) {
    const { refusal } = deliveries[index]!;
    memory = refusal ? rememberFailure(memory, id, refusal, now) : rememberTold(memory, id, news, now);
  }
  if (due.length > 0) writeJson(memoryFile(layout), memory);
  return deliveries;
}

/** Sends a test message by each way. */
export async function testAlarms(layout: Layout, now = Date.now()): Promise<Delivery[]> {
  const order = readAlarmOrder(layout);
  if (!order) return [];
  const message = renderTest(order.ways.cloud, now);
  return Promise.all(receiversOf(order).map(({ way }) => deliver(layout, order, way, message)));
}

/** A receiver whose address changed is another one, which was told nothing yet. */
export function receiversOf({ ways, secrets }: AlarmOrder): { id: string; way: AlarmWay }[] {
  const all: [AlarmWay, unknown][] = [
    ['ntfy', ways.ntfy && [ways.ntfy.server, secrets['alarm-ntfy-topic']]],
    ['webhook', ways.webhook && [secrets['alarm-webhook']]],
    ['email', ways.email && [ways.email.to]],
  ];
  return all.flatMap(([way, address]) => {
    if (!address) return [];
    const hash = createHash('sha256').update(JSON.stringify(address)).digest('hex').slice(0, 12);
    return [{ id: `${way} ${hash}`, way }];
  });
}
