import { Flags } from '@oclif/core';
import { z } from 'zod';
import type { Invitation } from '../../agent/users/invite.ts';
import { type Problem, ProblemsError } from '../../core/problem.ts';
import type { Project } from './project.ts';
import { askAgent, loginHost } from './user-link.ts';

/** An invitation; with a lost second factor, what there was of it is removed first. */
export const invite = (
  project: Project,
  name: string,
  { newSecondFactor, sendTo }: { newSecondFactor?: boolean; sendTo?: string | undefined } = {},
): Promise<Invitation> =>
  askAgent<Invitation>(
    { ask: 'invite', name, host: loginHost(project), newSecondFactor: newSecondFactor ?? false, sendTo },
    project,
  );

/** The flag by which an invitation is sent by email. */
export const sendToFlag = (beside: { exclusive?: string[] } = {}) =>
  Flags.string({ summary: 'Send the link to this email address, outside this cloud.', ...beside });

/** Is that an address, and can this cloud send email? Asked before anything is done. */
export function judgeSendTo(project: Project, command: string, address: string | undefined): void {
  if (address === undefined) return;
  const problems: Problem[] = [];
  const where = `haven user ${command}`;
  if (!z.email().safeParse(address).success)
    problems.push({
      where,
      what: `"${address}" is not an email address.`,
      remedy: 'For example: --send-to ada@example.org',
    });
  if (!project.sending) problems.push(noAccount(where));
  if (problems.length > 0) throw new ProblemsError(problems, 'usage');
}

/** Email is to be sent where there is no account for it. */
export const noAccount = (where: string): Problem => ({
  where,
  what: 'this cloud has no account to send email with.',
  remedy:
    'Leave the addresses out and pass the links on yourself, or add "sending" to haven.yaml (docs/owners/users.md).',
});

/** The same for the person who passes it on. */
export const describeInvitation = ({ name, link, hours, sent }: Invitation, now = new Date()): string[] => [
  ...(sent?.why === undefined ? [] : [`  The email to ${sent.to} was not sent: ${sent.why}`]),
  sent && sent.why === undefined
    ? `  Invitation sent to ${sent.to}. ${validity(hours, now)}`
    : `  Send ${name} this link in private (not in a group chat). ${validity(hours, now)}`,
  `\n    ${link}\n`,
  `  With it ${name} chooses a password, and then logs in as: ${name}`,
];

const validity = (hours: number, now: Date): string => {
  const end = new Date(now.getTime() + hours * 3_600_000);
  const when = end.toLocaleString('en-GB', { weekday: 'long', hour: '2-digit', minute: '2-digit' });
  return `It works once and expires in ${hours} hours (${when}):`;
};
