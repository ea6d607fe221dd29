import type { WaitingEmail } from '../../core/mail/mail-queue.ts';
import { lookOutward } from './look-outward.ts';
import { deleteFromQueue, readQueue, retryQueue } from './mail-queue.ts';
import { type MailLog, readMailLog } from './read-mail-log.ts';

/** The commands of the agent about mail. The first argument is the service that provides it. */
export const mailCommands: Record<string, (args: string[]) => Promise<unknown>> = {
  /** How this server looks to other mail servers. Sends nothing. */
  'look-outward': async () => lookOutward(),
  'mail-queue': async ([service]): Promise<WaitingEmail[]> => readQueue(service!),
  'mail-queue-retry': async ([service, id]): Promise<WaitingEmail[]> => retryQueue(service!, id),
  'mail-queue-delete': async ([service, id]): Promise<WaitingEmail[]> => deleteFromQueue(service!, id!),
  'mail-log': async ([service, address, sinceSeconds]): Promise<MailLog> =>
    readMailLog(service!, { address: address!, sinceSeconds: Number(sinceSeconds) }),
};
