import assert from 'node:assert/strict';
import { missingTasks, runTasks } from '../../sandbox/build/run-tasks.ts';
import { startForeignMail, stopForeignMail } from '../../sandbox/control.ts';
import { foreignMailTasks } from '../../sandbox/internet/foreign-mail/image.ts';
import { mailDomain } from '../../sandbox/internet/foreign-mail/names.ts';
import {
  emptyMailbox,
  type ReceivedEmail,
  receivedEmails,
  sendFromForeignMail,
} from '../../sandbox/internet/foreign-mail/server.ts';
import { waitUntil } from '../../system/wait-until.ts';

/** The address of a person who has a mailbox at another company. */
export const rosa = `rosa@${mailDomain}`;

/** The mail server of another company, for one journey. Its mailbox is empty. */
export async function openForeignMail(after: (cleanUp: () => unknown) => void): Promise<void> {
  await runTasks(await missingTasks(foreignMailTasks));
  await startForeignMail();
  after(() => stopForeignMail());
  emptyMailbox();
}

export const fromRosa = (to: string, subject: string): Promise<void> =>
  sendFromForeignMail(rosa, to, plainEmail({ from: rosa, to, subject }));

/** An email with this subject that has arrived there. */
export const atRosa = (subject: string): Promise<ReceivedEmail> =>
  waitUntil(
    `"${subject}" at the other company`,
    async () => receivedEmails().find(({ raw }) => raw.includes(`Subject: ${subject}`)),
    { timeoutMs: 60_000 },
  );

/** The server where an email arrived wrote into it that SPF, DKIM and DMARC pass. */
export function assertPasses(raw: string): void {
  for (const verdict of [/spf=pass/, /dkim=pass/, /dmarc=pass/]) assert.match(raw, verdict);
}

export const plainEmail = ({ from, to, subject }: { from: string; to: string; subject: string }): string =>
  [
    `From: <${from}>`,
    `To: <${to}>`,
    `Subject: ${subject}`,
    `Date: ${new Date().toUTCString()}`,
    `Message-ID: <${subject.replaceAll(' ', '-')}.${process.pid}@${from.split('@')[1]}>`,
    '',
    'Hello',
    '',
  ].join('\r\n');
