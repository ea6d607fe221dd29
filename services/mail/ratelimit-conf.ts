import { tooManyRecipients } from '../../core/mail/sending-limit.ts';

/**
 * How much a user may send (rspamd.com/doc/modules/ratelimit.html): a bucket for each user who is logged in, from which every
 * recipient takes one. It holds `recipientsAtOnce`, and gets `recipientsPerHour` back, evenly. So the mailing of a club
 * passes at once, and with a stolen password a stranger can't send tens of thousands of emails. An empty bucket lets a first
 * email pass, whatever its size; Postfix limits that (smtpd_recipient_limit).
 */
export const ratelimitConf = ({
  recipientsAtOnce,
  recipientsPerHour,
}: {
  recipientsAtOnce: number;
  recipientsPerHour: number;
}): string => `# Otherwise one such recipient would lift the limit from an email.
whitelisted_rcpts = ["-"];
rates {
  haven_user = {
    selector = "user.lower";
    bucket = {
      burst = ${recipientsAtOnce};
      rate = "${recipientsPerHour} / 1h";
      message = "${tooManyRecipients}";
    }
  }
}
`;
