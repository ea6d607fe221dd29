import type { Port25, Way } from './choose-way.ts';
import type { MailCheck } from './mail-check.ts';
import { whereToAsk } from './unblocking-request.ts';

/**
 * What a server must be able to do before it may send mail: reach port 25 of others, be known by its name in both
 * directions, and not be on a list of senders of spam.
 */
export interface Outlook {
  family: 'IPv4' | 'IPv6';
  /** The address of the server. */
  address: string;
  /** The greeting of the first mail server that answered; undefined if none did. */
  greeting?: string;
  /** Why not, of each that was tried. */
  refused: string[];
  /** The names of all of them could not be looked up, so nothing was tried. */
  isUntried?: boolean;
  /** Names that the address points back to (PTR, RFC 1035 §3.5). */
  names: string[];
  /** Whether one of them leads to the address again. */
  isConfirmed: boolean;
  /** Why the DNS gave no answer about these names. Then nothing is known of them. */
  whyUnnamed?: string;
  /** Lists of senders of spam, with what each answers for this address; undefined where it is not on it. `why`: it did not answer. */
  lists: { list: string; answer?: string; why?: string }[];
}

/** Mail servers of large providers, which take connections from everywhere. */
export const wellKnownServers = ['gmail-smtp-in.l.google.com', 'mx00.gmx.net', 'mx1.mailbox.org'] as const;

/** Lists that large receivers ask (RFC 5782). */
export const blockLists = ['zen.spamhaus.org', 'bl.spamcop.net', 'psbl.surriel.com'];

/** The name under which a list knows an address (RFC 5782 §2.1 and §2.4). */
export function listName(list: string, address: string): string {
  if (!address.includes(':')) return `${address.split('.').reverse().join('.')}.${list}`;
  const nibbles = wholeAddress(address).replaceAll(':', '').split('').reverse();
  return `${nibbles.join('.')}.${list}`;
}

/**
 * Where the name is that an address points back to (RFC 1035 §3.5, RFC 3596 §2.5). Asked for by this name, because a look-up
 * by the address takes what /etc/hosts has for it.
 */
export const reverseName = (address: string): string =>
  listName(address.includes(':') ? 'ip6.arpa' : 'in-addr.arpa', address);

/** An IPv6 address with all of its 32 digits. */
function wholeAddress(address: string): string {
  const [front = '', back] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const [before, after] = [groups(front), groups(back ?? '')];
  const between = back === undefined ? [] : Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...between, ...after].map((each) => each.padStart(4, '0')).join(':');
}

/**
 * What a list's answer means. 127.255.255.x is a refusal to answer, not an entry: Spamhaus sends it to resolvers that
 * ask for many others (spamhaus.org, "Return Codes").
 */
const isRefusal = (answer: string): boolean => /^127\.255\.255\./.test(answer);

/** What one look says about port 25. */
export const port25Of = ({ greeting, isUntried }: Pick<Outlook, 'greeting' | 'isUntried'>): Port25 =>
  greeting === undefined ? (isUntried ? 'unknown' : 'blocked') : 'open';

/** Judges how a server looks from where its mail goes. `way` is how email leaves it now. */
export const judgeOutlook = (outlook: Outlook, host: string, way: Way = 'direct'): MailCheck[] => [
  judgePort25(outlook, way),
  judgeName(outlook, host),
  ...outlook.lists.map((each) => judgeList(each, outlook.address)),
];

function judgeName({ address, names, isConfirmed, whyUnnamed }: Outlook, host: string): MailCheck {
  const what = `name of ${address}`;
  if (whyUnnamed !== undefined)
    return {
      what,
      result: 'unknown',
      evidence: `the DNS gives the server no answer: ${whyUnnamed}`,
      remedy: 'If the section DNSSEC has something to do, do that first. Otherwise run it again later.',
    };
  const points = names.length === 0 ? 'it points back to no name' : `it points back to ${names.join(', ')}`;
  if (names.includes(host) && isConfirmed) return { what, result: 'good', evidence: points };
  return {
    what,
    result: 'bad',
    evidence: isConfirmed || names.length === 0 ? points : `${points}, which does not lead to it`,
    remedy: `It must point back to ${host}, and that name to it. Run: haven up   It can take an hour.`,
  };
}

function judgePort25(outlook: Outlook, way: Way): MailCheck {
  const { family, greeting = '', refused } = outlook;
  const what = `sends over ${family}`;
  const why = `no mail server answers at port 25: ${refused.join('; ')}`;
  switch (port25Of(outlook)) {
    case 'open':
      return { what, result: 'good', evidence: greeting };
    case 'unknown':
      return { what, result: 'unknown', evidence: refused.join('; '), remedy: 'Run it again later.' };
    case 'blocked':
      return way === 'relay'
        ? { what, result: 'good', evidence: `${why}. Email goes by the relay` }
        : { what, result: 'bad', evidence: why, remedy: unblocking(family) };
  }
}

function judgeList({ list, answer, why }: Outlook['lists'][number], address: string): MailCheck {
  const what = `${address} at ${list}`;
  if (why !== undefined)
    return { what, result: 'unknown', evidence: `it does not answer: ${why}`, remedy: 'Run it again later.' };
  if (answer === undefined) return { what, result: 'good', evidence: 'not listed' };
  if (isRefusal(answer))
    return {
      what,
      result: 'unknown',
      evidence: `it answers ${answer}: it does not tell this resolver`,
      remedy: `Look at https://check.spamhaus.org/ yourself.`,
    };
  return {
    what,
    result: 'bad',
    evidence: `listed (${answer})`,
    remedy: `Ask ${list} to take it off, or use another address. Until then many receivers refuse its mail.`,
  };
}

const unblocking = (family: string): string =>
  family === 'IPv4'
    ? `${whereToAsk} Until then, send by a relay: docs/owners/mail.md`
    : 'Mail to servers that have only IPv6 waits. Ask your provider, as for IPv4.';
