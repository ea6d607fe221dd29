/** What the request to a provider is written from. */
interface ServerThatSends {
  /** Name of the mail server. */
  host: string;
  /** Its addresses. */
  addresses: string[];
  /** Domains whose email it sends. */
  domains: string[];
}

/** The text of a request to the provider of the server, in English, ready to be copied. */
export const unblockingRequest = ({ host, addresses, domains }: ServerThatSends): string =>
  [
    `Please unblock the outgoing ports 25 and 465 of my server ${host} (${addresses.join(', ')}).`,
    `It sends the email of my own ${domains.length === 1 ? 'domain' : 'domains'} ${domains.join(', ')}, written by its users. No newsletters or advertising.`,
    'SPF, DKIM, DMARC and reverse DNS are set up, and only users with a password can send.',
  ].join('\n');

/**
 * Where the request is sent, and when it is granted: docs.hetzner.com/cloud/servers/faq, "Why can I not send any mails from
 * my server?".
 */
export const whereToAsk =
  'Hetzner unblocks ports 25 and 465 once you are a customer for a month and have paid the first invoice. Ask at console.hetzner.com, "Limits".';
