import { relayPassword } from '../../core/config/mail-sending.ts';
import {
  chooseWay,
  dueTries,
  type Port25,
  type Way,
  type WayMemory,
  withNotice,
} from '../../core/mail/choose-way.ts';
import { port25Of } from '../../core/mail/preflight.ts';
import type { RelayAnswer } from '../../core/mail/relay-answer.ts';
import type { Release } from '../../core/release/release.ts';
import type { MailRelay } from '../../core/service.ts';
import { knownServices } from '../effects/services-in-maintenance.ts';
import { currentHash, loadBundle } from '../store/bundle-store.ts';
import { damageOf } from '../store/damage.ts';
import { readJson, writeJson } from '../store/json-file.ts';
import type { Layout } from '../store/layout.ts';
import { releaseForHooks } from '../store/running.ts';
import { secretOf } from '../store/secrets.ts';
import { runStep } from '../users/run-hook.ts';
import { tryPort25 } from './look-outward.ts';
import { tryRelay } from './try-relay.ts';

/**
 * Email leaves directly or by a relay, and the server finds out which one it is, without a deploy: it tries port 25, and tells
 * the program that sends. What was tried is remembered, and judged by alarms.
 */
export const readWayMemory = (layout: Layout): WayMemory | undefined => readJson(layout.mailWay);

/** The service that sends email, as it runs; undefined while none does. */
interface Sender {
  service: string;
  hash: string;
  release: Release;
  out: NonNullable<Release['mailOut']>;
}

function findSender(layout: Layout): Sender | undefined {
  for (const service of knownServices(layout)) {
    if (damageOf(layout, service) !== undefined || currentHash(layout, service) === null) continue;
    const running = releaseForHooks(layout, service);
    if (!('hash' in running)) continue;
    const { release } = loadBundle(layout, service, running.hash);
    if (release.mailOut) return { service, hash: running.hash, release, out: release.mailOut };
  }
  return undefined;
}

/** What can be tried; tests answer themselves. */
export interface WayTrials {
  /** Over IPv4, which every mail server has. */
  tryPort25(): Promise<Port25>;
  tryRelay(relay: MailRelay, password: string): Promise<RelayAnswer>;
  /** Runs a command of the program that sends, and answers with what it printed. */
  inProgram(sender: Pick<Sender, 'service' | 'hash' | 'out'>, command: string[]): Promise<string>;
}

const realTrials = (layout: Layout): WayTrials => ({
  tryPort25: async () => port25Of(await tryPort25('IPv4')),
  tryRelay: (relay, password) => tryRelay(layout, relay, password),
  async inProgram({ service, hash, out }, command) {
    const done = await runStep(layout, { service, hash }, { container: out.container, command }, {});
    if ('failed' in done) throw new Error(`${service} can't be told how email leaves: ${done.failed}`);
    return done.printed.trim();
  },
});

/**
 * Tries what is due, or everything with `all`, and switches where that says so. Answers with what is remembered; null while no
 * service sends email.
 */
export async function tendMailWay(
  layout: Layout,
  { all = false, now = Date.now(), trials = realTrials(layout) } = {},
): Promise<WayMemory | null> {
  const sender = findSender(layout);
  if (!sender) return null;
  const { out, release, hash } = sender;
  const before = readWayMemory(layout);
  const { relay } = out;
  const due = all ? { port25: true, relay: true } : dueTries(before, hash, relay !== undefined, now);
  const known = before?.release === hash ? before : undefined;
  if (known && !due.port25 && !due.relay) return known;
  const password = relay && secretOf(layout, release, relayPassword);
  const [tried, answer] = await Promise.all([
    due.port25 ? trials.tryPort25() : undefined,
    relay && password !== undefined && due.relay ? trials.tryRelay(relay, password) : undefined,
  ]);
  const port25 = tried ?? known?.port25 ?? 'unknown';
  const way = await takeWay(sender, port25, trials);
  const memory: WayMemory = {
    release: hash,
    way,
    port25,
    port25At: tried ? now : (known?.port25At ?? 0),
    ...(relay && answer ? { relay: { host: relay.host, at: now, answer } } : {}),
    ...(relay && !answer && known?.relay ? { relay: known.relay } : {}),
    notices: withNotice(out, before, way, now),
  };
  writeJson(layout.mailWay, memory);
  return memory;
}

async function takeWay(sender: Sender, port25: Port25, trials: WayTrials): Promise<Way> {
  const { out } = sender;
  if (out.mode !== 'auto' || !out.relay) return chooseWay(out, port25, 'direct');
  const current = (await trials.inProgram(sender, out.way)) === 'direct' ? 'direct' : 'relay';
  const wanted = chooseWay(out, port25, current);
  if (wanted !== current) await trials.inProgram(sender, [...out.useWay, wanted]);
  return wanted;
}
