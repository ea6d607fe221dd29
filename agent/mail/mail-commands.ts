import type { WaitingEmail } from '../../core/mail/mail-queue.ts';
import type { Outlook } from '../../core/mail/preflight.ts';
import type { RelayAnswer } from '../../core/mail/relay-answer.ts';
import type { MailRelay } from '../../core/service.ts';
import { ensureTrust } from '../store/authority.ts';
import type { Layout } from '../store/layout.ts';
import { lookOutward } from './look-outward.ts';
import { deleteFromQueue, readQueue, retryQueue } from './mail-queue.ts';
import { tendMailWay } from './mail-way.ts';
import { type MailLog, readMailLog } from './read-mail-log.ts';
import { tryRelay } from './try-relay.ts';

/** A relay before its release is on this server, with its password, which comes on standard input. */
export interface PreflightOrder {
  relay?: MailRelay;
  password?: string;
}

export interface PreflightAnswer {
  outlooks: Outlook[];
  /** Left out without a relay. */
  answer?: RelayAnswer;
}

/** The commands of the agent about mail. Those about the queue and the log name the service that provides it first. */
export const mailCommands = (
  layout: Layout,
  standardInput: () => Promise<string>,
): Record<string, (args: string[]) => Promise<unknown>> => ({
  /** How this server looks to other mail servers. Sends nothing. */
  'look-outward': async () => lookOutward(),
  /** Before mail goes live. Sends nothing. */
  'mail-preflight': async (): Promise<PreflightAnswer> => {
    const { relay, password } = JSON.parse(await standardInput()) as PreflightOrder;
    await ensureTrust(layout);
    const [outlooks, answer] = await Promise.all([
      lookOutward(),
      relay && password !== undefined ? tryRelay(layout, relay, password) : undefined,
    ]);
    return { outlooks, ...(answer ? { answer } : {}) };
  },
  /** Tries what is due, or with `all` everything. Called by `haven-mail-way.timer`, after each `up`, and by checks. */
  'mail-way': async ([which]) => tendMailWay(layout, { all: which === 'all' }),
  'mail-queue': async ([service]): Promise<WaitingEmail[]> => readQueue(service!),
  'mail-queue-retry': async ([service, id]): Promise<WaitingEmail[]> => retryQueue(service!, id),
  'mail-queue-delete': async ([service, id]): Promise<WaitingEmail[]> => deleteFromQueue(service!, id!),
  'mail-log': async ([service, address, sinceSeconds]): Promise<MailLog> =>
    readMailLog(service!, { address: address!, sinceSeconds: Number(sinceSeconds) }),
});
