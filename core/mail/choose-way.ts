import type { MailSending } from '../service.ts';
import type { RelayAnswer } from './relay-answer.ts';

/** How email leaves the server now. */
export type Way = 'direct' | 'relay';

/** Whether port 25 of other mail servers can be reached. Unknown where no mail server's name can be looked up. */
export type Port25 = 'open' | 'blocked' | 'unknown';

/** What the agent remembers of how email leaves. Times are milliseconds since 1970. */
export interface WayMemory {
  /** The release whose settings it is about. */
  release: string;
  way: Way;
  /** Over IPv4, which every mail server has. */
  port25: Port25;
  port25At: number;
  relay?: { host: string; at: number; answer: RelayAnswer };
  /** What the owner is told once, the newest last. */
  notices: { at: number; text: string }[];
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const keptNotices = 10;

/**
 * Which of both has to be tried now. Port 25 is tried daily while email goes by the relay, and hourly while it goes
 * directly, since a block that begins must not hold up a day's email. A relay that did not let the server in is tried again soon.
 */
export function dueTries(
  memory: WayMemory | undefined,
  release: string,
  hasRelay: boolean,
  now: number,
): { port25: boolean; relay: boolean } {
  if (!memory || memory.release !== release) return { port25: true, relay: hasRelay };
  const { way, port25At, relay } = memory;
  return {
    port25: now - port25At >= (way === 'relay' ? dayMs : hourMs),
    relay:
      hasRelay &&
      way === 'relay' &&
      now - (relay?.at ?? 0) >= (relay?.answer.result === 'good' ? hourMs : 10 * minuteMs),
  };
}

/** The way from now on. Where port 25 could not be tried, it stays as it is. */
export function chooseWay({ mode, relay }: MailSending, port25: Port25, current: Way): Way {
  if (!relay || mode === 'direct') return 'direct';
  if (mode === 'relay') return 'relay';
  if (port25 === 'unknown') return current;
  return port25 === 'open' ? 'direct' : 'relay';
}

/** Tells the owner once that email leaves in another way. A way that haven.yaml orders is not told. */
export function withNotice(
  { mode, relay }: MailSending,
  before: WayMemory | undefined,
  way: Way,
  now: number,
): WayMemory['notices'] {
  const notices = before?.notices ?? [];
  if (!before || before.way === way || mode !== 'auto' || !relay) return notices;
  const text =
    way === 'direct'
      ? `Email now goes directly to other mail servers: port 25 is open. The relay ${relay.host} is used again if that changes.`
      : `Email now goes by the relay ${relay.host}: port 25 is blocked. Sending directly is tried daily.`;
  return [...notices, { at: now, text }].slice(-keptNotices);
}
