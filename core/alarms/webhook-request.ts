import type { AlarmMessage } from './alarm-message.ts';
import type { DeliveryRequest } from './ntfy-request.ts';

/**
 * A message as JSON; its fields are documented in docs/owners/alarms.md. `text` and `content` say the same: Slack and
 * Mattermost show the first, Discord the second.
 */
export function webhookRequest(
  message: AlarmMessage,
  { address, token }: { address: string; token?: string },
): DeliveryRequest {
  const text = `${message.title}\n\n${message.text}`;
  return {
    address,
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ ...message, text, content: text }),
  };
}
