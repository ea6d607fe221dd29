import { whyWaiting } from './why-waiting.ts';

/** An email that was accepted and has not reached all of its recipients yet. */
export interface WaitingEmail {
  /** Postfix's name for it. */
  id: string;
  /** When it was accepted, in UTC (RFC 3339). */
  since: string;
  bytes: number;
  /** Empty for a report about an email that could not be delivered. */
  from: string;
  /** `trying` right now, `waiting` for its next try, `held` until it is released by hand, or still `arriving`. */
  state: 'trying' | 'waiting' | 'held' | 'arriving';
  /** When it is tried again, in UTC (RFC 3339); up to a minute later, because Postfix looks once a minute. */
  nextTry?: string;
  /** Those who have not got it. `why` is a sentence about the last try, and `said` what Postfix noted of it. */
  to: { address: string; why?: string; said?: string }[];
}

/** One line of `postqueue -j` (postqueue(1), JSON OBJECT FORMAT). */
interface QueueLine {
  queue_name: string;
  queue_id: string;
  /** Seconds since 1970. */
  arrival_time: number;
  message_size: number;
  sender: string;
  recipients: { address: string; delay_reason?: string }[];
}

const states: Record<string, WaitingEmail['state']> = {
  active: 'trying',
  deferred: 'waiting',
  hold: 'held',
};

/**
 * The queue, oldest first. `listed` is the output of `postqueue -j`. `times` has a line for each file of the deferred
 * queue, its name and when Postfix tries it again, in seconds since 1970: qmgr(8) keeps that as the time of its last change.
 */
export function parseQueue(listed: string, times: string): WaitingEmail[] {
  const next = new Map(
    times.split('\n').flatMap((line) => {
      const [, id, seconds] = /^(\w+) (\d+)(?:\.\d+)?$/.exec(line) ?? [];
      return id && seconds ? [[id, Number(seconds)] as const] : [];
    }),
  );
  return listed
    .split('\n')
    .filter(Boolean)
    .map((line) => waitingEmail(JSON.parse(line), next))
    .sort((a, b) => a.since.localeCompare(b.since) || a.id.localeCompare(b.id));
}

function waitingEmail(line: QueueLine, next: Map<string, number>): WaitingEmail {
  const state = states[line.queue_name] ?? 'arriving';
  const nextTry = state === 'waiting' ? next.get(line.queue_id) : undefined;
  return {
    id: line.queue_id,
    since: utc(line.arrival_time),
    bytes: line.message_size,
    from: line.sender,
    state,
    ...(nextTry === undefined ? {} : { nextTry: utc(nextTry) }),
    to: line.recipients.map(({ address, delay_reason: said }) =>
      said === undefined ? { address } : { address, why: whyWaiting(said), said },
    ),
  };
}

const utc = (seconds: number): string => new Date(seconds * 1000).toISOString();
