import { Flags } from '@oclif/core';
import { z } from 'zod';
import type { Invitation } from '../../agent/users/invite.ts';
import { type Problem, ProblemsError } from '../../core/problem.ts';
import type { Project } from './project.ts';
import { askAgent, loginHost } from './user-link.ts';

/** A way in for somebody; where their second factor is lost, what there was of it is taken away first. */
export const invite = (
  project: Project,
  name: string,
  { newSecondFactor, sendTo }: { newSecondFactor?: boolean; sendTo?: string | undefined } = {},
): Promise<Invitation> =>
  askAgent<Invitation>(
    { ask: 'invite', name, host: loginHost(project), newSecondFactor: newSecondFactor ?? false, sendTo },
    project,
  );

/** The flag by which a way in goes out by mail. */
export const sendToFlag = (beside: { exclusive?: string[] } = {}) =>
  Flags.string({ summary: 'Send the link to this mail address, outside this cloud.', ...beside });

/** Is that an address, and can this cloud send to it? Asked before anything is done. */
export function judgeSendTo(project: Project, command: string, address: string | undefined): void {
  if (address === undefined) return;
  const problems: Problem[] = [];
  const where = `haven user ${command}`;
  if (!z.email().safeParse(address).success)
    problems.push({ where, what: `"${address}" is no mail address.`, remedy: 'Type: --send-to NAME@DOMAIN' });
  if (!project.config.sending) problems.push(noAccount(where));
  if (problems.length > 0) throw new ProblemsError(problems);
}

/** Letters are wanted where nothing can send them. */
export const noAccount = (where: string): Problem => ({
  where,
  what: 'this cloud has no account to send mail by.',
  remedy:
    'Leave the addresses out and hand the links on yourself, or add "sending" to haven.yaml: docs/owners/users.md',
});

/** The same for whoever has to hand it on. */
export const describeInvitation = ({ name, link, hours, sent }: Invitation): string[] => [
  ...(sent?.why === undefined ? [] : [`  The letter to ${sent.to} did not go out: ${sent.why}`]),
  sent && sent.why === undefined
    ? `  This link has gone to ${sent.to}. It is good for once, for ${hours} hours:`
    : `  Send ${name} this link, by a way that only ${name} reads. It is good for once, for ${hours} hours:`,
  `\n    ${link}\n`,
  `  There ${name} chooses a password. The name to log in with is: ${name}`,
];
