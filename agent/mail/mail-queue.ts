import { parseQueue, type WaitingEmail } from '../../core/mail/mail-queue.ts';
import { inMailProgram } from './mail-programs.ts';

/** What waits in the queue of a service that provides mail. */
export async function readQueue(service: string): Promise<WaitingEmail[]> {
  const listed = await inMailProgram(service, 'postfix', ['postqueue', '-j']);
  const times = await inMailProgram(service, 'postfix', [
    ...['find', '/queue/spool/deferred', '-type', 'f', '-printf', '%f %T@\n'],
  ]);
  return parseQueue(listed, times);
}

/** Has Postfix try one email now, or all that wait. Answers with those; an email that is no longer there is none. */
export async function retryQueue(service: string, id?: string): Promise<WaitingEmail[]> {
  const waiting = (await readQueue(service)).filter((each) => id === undefined || each.id === id);
  if (waiting.length === 0) return [];
  const what = id === undefined ? ['-f'] : ['-i', id];
  await inMailProgram(service, 'postfix', ['postqueue', ...what]);
  return waiting;
}

/**
 * Deletes one email from the queue, and answers with it; with none if it is no longer there. It must be in the list: for
 * postsuper(1) `ALL` is every email.
 */
export async function deleteFromQueue(service: string, id: string): Promise<WaitingEmail[]> {
  const found = (await readQueue(service)).filter((each) => each.id === id);
  if (found.length > 0) await inMailProgram(service, 'postfix', ['postsuper', '-d', id]);
  return found;
}
