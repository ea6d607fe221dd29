import { ldap } from '../../core/users/ldap.ts';
import { addresses } from './network.ts';
import { table } from './tables.ts';

/**
 * Aliases, forwards and catch-alls (`core/addresses/address-book.ts`) in Postfix. An address is looked up in this order: names of
 * users, their other addresses, names of groups, forwards, what a domain must have, bounces of forwarded email, and last the
 * catch-all of its domain, which so never gets email of a user.
 *
 * What strangers wrote can't leave with their envelope sender: SPF at its destination would refuse it. So email that leaves
 * with a sender of another domain, which only forwarded email has, goes once through a Postfix service of its own
 * (files/postfix/master.cf), and gets a sender of ours there, which leads bounces back (SRS, images/postsrsd).
 */
export const aliasMaps = [
  'ldap:/etc/postfix/mailbox-of-name.ldap',
  'ldap:/etc/postfix/mailbox-of-address.ldap',
  'ldap:/etc/postfix/mailboxes-of-group.ldap',
  both('forward'),
  'texthash:/etc/postfix/roles',
  // Postfix asks about every recipient, also those elsewhere, and email to them must not wait for programs that know nothing
  // of them.
  `pipemap:{regexp:/etc/haven/rewritten-addresses, ${srs(10002)}}`,
  `pipemap:{texthash:/etc/haven/catch-all-addresses, ${both('catch-all')}}`,
].join(', ');

/** Which addresses the last two are asked about, by file: each gives the address itself. */
export const askedAbout = (domains: string[]): Record<string, string> => ({
  'rewritten-addresses': `/^(srs[01]=.+@${oneOf(domains.slice(0, 1))})$/ $1\n`,
  'catch-all-addresses': domains.map((each) => `@${each} @${each}\n`).join(''),
});

/** Any of these domains, in a regular expression. */
function oneOf(domains: string[]): string {
  return `(${domains.map((each) => each.replaceAll('.', '\\.')).join('|')})`;
}

/** Its mailboxes here and its addresses elsewhere, together. */
function both(kind: 'forward' | 'catch-all'): string {
  return `unionmap:{ldap:/etc/postfix/mailboxes-of-${kind}.ldap, ldap:/etc/postfix/addresses-of-${kind}.ldap}`;
}

function srs(port: number): string {
  return `tcp:${addresses.srs}:${port}`;
}

/** Settings of main.cf; one that Postfix does not know is for master.cf. `own` are domains whose senders are ours. */
export const forwardingCf = (
  own: string[],
): string => `# Email that leaves with a sender of another domain is forwarded.
sender_dependent_default_transport_maps = regexp:{ {/@${oneOf(own)}$$/ DUNNO}, {/@/ forward:[127.0.0.1]:10026} }
forwarded_sender_maps = ${srs(10001)}
`;

/** Tables of forwards, by file. */
export function forwardTables(domains: string[]): Record<string, string> {
  const mailbox = `%s@${domains[0]}`;
  const forward = '(&(objectClass=havenForward)(havenAlias=%s))';
  // Postfix asks for "@<domain>" only tables that are not limited to domains (ldap_table(5)), so their filter is.
  const catchAll = `(&(objectClass=havenForward)(havenAlias=%s)(|${domains.map((each) => `(havenAlias=@${each})`).join('')}))`;
  const members = ['special_result_attribute = member', 'leaf_result_attribute = uid'];
  const kinds = { forward: [domains, forward], 'catch-all': [[], catchAll] } as const;
  return Object.fromEntries(
    Object.entries(kinds).flatMap(([kind, [limit, filter]]) => [
      [`mailboxes-of-${kind}.ldap`, table([...limit], filter, mailbox, ldap.groups, members)],
      [`addresses-of-${kind}.ldap`, table([...limit], filter, '%s', ldap.groups, [], 'havenForwardTo')],
    ]),
  );
}
