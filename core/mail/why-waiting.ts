/** Where Postfix hands emails to Dovecot, by LMTP (services/mail/main-cf.ts). */
const mailboxPort = 24;

/** A server as Postfix notes it: its name and its address. The name of one that has none is its address. */
const server = String.raw`(?<name>[^\s[\]]+)\[[^\s\]]*\]`;

/** What Postfix notes of a try (src/smtp/ and src/global/ of Postfix 3.10), and what that means. The other server's words come last. */
const meanings: [pattern: RegExp, meaning: (found: Record<string, string>) => string][] = [
  [/^delivery temporarily suspended: (?<rest>.*)$/s, ({ rest }) => whyWaiting(rest!)],
  [/^(?:4\.3\.2 )?held until the change is over$/, () => 'a change of the mail service is not over yet'],
  [
    new RegExp(`^connect to ${server}:${mailboxPort}: (?<how>.*)$`, 's'),
    ({ how }) => `the mailboxes of this server do not answer (${how})`,
  ],
  [
    new RegExp(`^connect to ${server}:\\d+: (?<how>.*)$`, 's'),
    ({ name, how }) => `${name} does not answer (${how})`,
  ],
  [
    new RegExp(
      `^host ${server} (?:said|refused to talk to me): (?<words>.*?)(?: \\(in reply to [\\w ]+\\))?$`,
      's',
    ),
    ({ name, words }) => `${name} answered: ${words}`,
  ],
  [
    new RegExp(
      `^(?:lost connection with ${server}|conversation with (?<late>[^\\s[\\]]+)\\[[^\\s\\]]*\\] timed out) while (?<doing>.*)$`,
      's',
    ),
    ({ name, late, doing }) => `${name ?? late} ended the conversation, or fell silent (${doing})`,
  ],
  [
    /^(?:Host or domain name not found\. )?Name service error for name=(?<name>\S+) type=\w+: (?<how>.*)$/s,
    ({ name, how }) =>
      how === 'Host not found'
        ? `${name} does not exist in the DNS`
        : `the DNS has no answer about ${name} (${how})`,
  ],
  [
    /^TLSA lookup error for (?<name>\S+?)(?::\d+)?$/,
    ({ name }) => `the DNS has no answer about the TLS key of ${name}`,
  ],
  [
    /^(?:Server certificate not (?:trusted|verified)|non DNSSEC destination|Cannot start TLS: handshake failure)$/,
    () => 'the other server has not the TLS key that its DNS promises, so it may be an impostor',
  ],
  [
    new RegExp(`^TLS is required, but (?:was not offered by host ${server}|our TLS engine is unavailable)$`),
    ({ name }) => `${name ?? 'this server'} offers no encryption, although its DNS promises it`,
  ],
];

/** Why an email waits, as a part of a sentence in plain English, from what Postfix notes of the last try. */
export function whyWaiting(said: string): string {
  for (const [pattern, meaning] of meanings) {
    const found = pattern.exec(said);
    if (found) return meaning({ ...found.groups });
  }
  return said;
}
