import { ipv6NetworkBits } from '../release/log-tag.ts';

/**
 * An address as bans have it: over IPv4 itself, over IPv6 its network, written as RFC 5952 says. Also takes the network
 * that a list of bans shows. Undefined for anything else.
 */
export function bannedNetwork(typed: string): string | undefined {
  const address = typed.trim().replace(new RegExp(`/${ipv6NetworkBits}$`), '');
  if (/^\d+\.\d+\.\d+\.\d+$/.test(address)) {
    const parts = address.split('.').map(Number);
    return address === typed.trim() && parts.every((each) => each < 256) ? parts.join('.') : undefined;
  }
  const shortest = shortIpv6(address);
  if (shortest === undefined) return undefined;
  const groups = allGroups(shortest).slice(0, ipv6NetworkBits / 16);
  return `${shortIpv6(`${groups.join(':')}::`)}/${ipv6NetworkBits}`;
}

/** URL's parser writes an IPv6 address in its short form (WHATWG URL, "IPv6 serializer"). */
function shortIpv6(address: string): string | undefined {
  if (!/^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(address)) return undefined;
  const inUrl = `http://[${address}]/`;
  return URL.canParse(inUrl) ? new URL(inUrl).hostname.slice(1, -1) : undefined;
}

function allGroups(address: string): string[] {
  const [before = '', after] = address.split('::');
  const groups = (text: string) => text.split(':').filter(Boolean);
  if (after === undefined) return groups(before);
  const missing = 8 - groups(before).length - groups(after).length;
  return [...groups(before), ...Array.from({ length: missing }, () => '0'), ...groups(after)];
}
