import { type Condition, conditionKey } from './condition.ts';
import type { Found, Notice } from './find-conditions.ts';

/**
 * What the server remembers of conditions, and of what each receiver was told. A message is the difference between
 * the two. So one that was not delivered is made again at the next look, with what has changed since; nothing is told
 * twice, and there is no queue that could grow.
 *
 * A condition counts once it was found in several looks in a row, and is over once it was missing in several: a deploy
 * or a reboot alarms nobody.
 */
export interface AlarmMemory {
  /** When the server last looked. */
  at: string;
  /** By key. */
  held: Record<string, HeldCondition>;
  /** By way. */
  receivers: Record<string, Receiver>;
  /** What is told once, the newest last. */
  notices?: Notice[];
}

export interface HeldCondition extends Condition {
  /** When it was first found. */
  since: string;
  /** In how many looks it was found in a row, up to `looksUntilTold`. */
  found: number;
  /** In how many looks it was missing in a row. */
  missing: number;
}

/** A condition that a receiver knows of, or should. */
export interface ToldCondition extends Condition {
  since: string;
}

/** What one receiver knows. */
export interface Receiver {
  /** By key. */
  told: Record<string, ToldCondition & { at: string }>;
  /** Conditions that were over before this receiver could be told of them. */
  missed: ToldCondition[];
  /** Until when it knows the notices, in milliseconds since 1970. */
  noticedUntil?: number;
  /** Since when, and why, messages can't be delivered. */
  failing?: { since: string; why: string; fix: string };
}

/** What one message tells. */
export interface News {
  begun: ToldCondition[];
  /** Told a day ago, and they last. */
  lasting: ToldCondition[];
  over: ToldCondition[];
  /** Left out if there are none. */
  notices?: Notice[];
}

const looksUntilTold = (kind: Condition['kind']): number => (kind === 'service' || kind === 'undone' ? 3 : 2);
const looksUntilOver = 2;
const repeatMs = 24 * 60 * 60_000;
/** How many conditions that a receiver missed are kept for it. */
const maxMissed = 20;

export const noMemory: AlarmMemory = { at: new Date(0).toISOString(), held: {}, receivers: {} };

/** Whether it was there for long enough to count. */
export const isSettled = ({ kind, found }: HeldCondition): boolean => found >= looksUntilTold(kind);

/** The conditions that count, the oldest first. */
export const currentConditions = ({ held }: AlarmMemory): HeldCondition[] =>
  Object.values(held)
    .filter(isSettled)
    .sort((a, b) => a.since.localeCompare(b.since));

/** Takes one look at the server in. `ways` are those that are set up now. */
export function rememberLook(
  memory: AlarmMemory,
  { conditions, unknown, notices = [] }: Found,
  ways: readonly string[],
  now: number,
): AlarmMemory {
  const at = new Date(now).toISOString();
  const present = new Map(conditions.map((each) => [conditionKey(each), each]));
  const held: Record<string, HeldCondition> = {};
  for (const [key, condition] of present) {
    const before = memory.held[key];
    const found = Math.min((before?.found ?? 0) + 1, looksUntilTold(condition.kind));
    held[key] = { ...condition, since: before?.since ?? at, found, missing: 0 };
  }
  const over: HeldCondition[] = [];
  for (const [key, before] of Object.entries(memory.held)) {
    if (present.has(key)) continue;
    if (unknown(key)) held[key] = before;
    else if (!isSettled(before)) continue;
    else if (before.missing + 1 < looksUntilOver) held[key] = { ...before, missing: before.missing + 1 };
    else over.push(before);
  }
  const receivers = Object.fromEntries(
    // A new receiver is not told what happened before it.
    ways.map((way) => [
      way,
      missedBy(memory.receivers[way] ?? { told: {}, missed: [], noticedUntil: now }, over),
    ]),
  );
  return { at, held, receivers, ...(notices.length > 0 ? { notices } : {}) };
}

function missedBy(receiver: Receiver, over: HeldCondition[]): Receiver {
  const untold = over.filter((each) => !(conditionKey(each) in receiver.told)).map(asTold);
  return { ...receiver, missed: [...receiver.missed, ...untold].slice(-maxMissed) };
}

/** What a receiver has to be told now; undefined if there is nothing. */
export function newsFor(memory: AlarmMemory, way: string, now: number): News | undefined {
  const { told, missed, noticedUntil = 0 } = memory.receivers[way] ?? { told: {}, missed: [] };
  const notices = (memory.notices ?? []).filter(({ at }) => at > noticedUntil);
  const current = currentConditions(memory);
  const keys = new Set(Object.keys(memory.held));
  const begun = current.filter((each) => !(conditionKey(each) in told)).map(asTold);
  const lasting = current
    .filter((each) => {
      const at = told[conditionKey(each)]?.at;
      return at !== undefined && now - Date.parse(at) >= repeatMs;
    })
    .map(asTold);
  const over = [
    ...missed,
    ...Object.entries(told).flatMap(([key, { at: _, ...each }]) => (keys.has(key) ? [] : [each])),
  ];
  if (begun.length + lasting.length + over.length + notices.length === 0) return undefined;
  return { begun, lasting, over, ...(notices.length > 0 ? { notices } : {}) };
}

/** Notes that a receiver was told. */
export function rememberTold(memory: AlarmMemory, way: string, news: News, now: number): AlarmMemory {
  const before = memory.receivers[way] ?? { told: {}, missed: [] };
  const at = new Date(now).toISOString();
  const told = { ...before.told };
  for (const each of news.over) delete told[conditionKey(each)];
  for (const each of [...news.begun, ...news.lasting]) told[conditionKey(each)] = { ...each, at };
  const noticedUntil = news.notices?.at(-1)?.at ?? before.noticedUntil;
  const receiver = { told, missed: [], ...(noticedUntil === undefined ? {} : { noticedUntil }) };
  return { ...memory, receivers: { ...memory.receivers, [way]: receiver } };
}

/** Notes that a message was not delivered. The next look makes it again. */
export function rememberFailure(
  memory: AlarmMemory,
  way: string,
  { why, fix }: { why: string; fix: string },
  now: number,
): AlarmMemory {
  const before = memory.receivers[way] ?? { told: {}, missed: [] };
  const since = before.failing?.since ?? new Date(now).toISOString();
  return {
    ...memory,
    receivers: { ...memory.receivers, [way]: { ...before, failing: { since, why, fix } } },
  };
}

const asTold = ({ kind, subject, what, fix, since }: ToldCondition): ToldCondition => ({
  kind,
  subject,
  what,
  fix,
  since,
});
