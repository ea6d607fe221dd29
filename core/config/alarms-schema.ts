import { z } from 'zod';
import { addressFault } from './receiver-address.ts';

/** `alarms` in haven.yaml: how the server tells its owner that something is wrong. */
export const alarmsSchema = z.strictObject({
  ntfy: z
    .string('must be the address of an ntfy server (for example: https://ntfy.sh)')
    .superRefine((text, context) => {
      const fault = addressFault(text);
      if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
      else if (!/^\/?$/.test(new URL(text).pathname))
        context.addIssue({
          code: 'custom',
          message:
            'must not contain the topic, because anyone who knows it can read your alarms. Set it with: haven secret set alarm-ntfy-topic',
        });
    })
    .optional()
    .describe(
      'Address of an ntfy server, such as `https://ntfy.sh`, which shows alarms on your phone. Set its topic with `haven secret set alarm-ntfy-topic`, and a token, if it wants one, with `haven secret set alarm-ntfy-token`.',
    ),
  webhook: z
    .boolean(
      'must be true or false. The address may contain a key, so set it with: haven secret set alarm-webhook',
    )
    .default(false)
    .describe(
      'Sends alarms as JSON to an address of yours. Set it with `haven secret set alarm-webhook`, and a token, if it wants one, with `haven secret set alarm-webhook-token`.',
    ),
  email: z
    .boolean()
    .default(false)
    .describe(
      'Sends alarms by email to `owner.email`, with the account in `sending`, or with the mail server of this cloud: then not while that is down.',
    ),
});
