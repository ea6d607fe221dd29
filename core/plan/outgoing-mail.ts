import type { Change } from './changes.ts';
import type { MailPlan } from './plan-mail.ts';

/**
 * What an owner should know of their provider before they agree to a plan with mail, one sentence each. Hetzner blocks ports 25
 * and 465 of new customers (docs.hetzner.com/cloud/servers/faq, "Why can I not send any mails from my server?").
 */
export function describeOutgoingMail(
  mail: MailPlan | undefined,
  provider: string,
  changes: Change[],
): string[] {
  const isNew = changes.some(
    ({ type, kind }) => type === 'haven:index:MailPreflight' && (kind === 'create' || kind === 'update'),
  );
  if (!mail || !isNew || provider !== 'hetzner') return [];
  const { mode, relay } = mail.sending;
  if (relay && mode !== 'direct')
    return [
      `Email of ${mail.domains.join(', ')} can go by ${relay.host}:${relay.port}: Hetzner blocks outgoing ports 25 and 465 of new customers.`,
    ];
  return [
    'Hetzner blocks outgoing ports 25 and 465 of new customers. haven up tries port 25 before mail goes live; if it is blocked, mail waits until you have a relay or Hetzner has unblocked it: docs/owners/mail.md',
  ];
}
