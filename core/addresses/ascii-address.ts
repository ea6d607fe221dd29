import { asciiDomain } from '../dns/ascii-domain.ts';

/** An address as mail servers write it: its domain in ASCII, `club@münchen.de` as `club@xn--mnchen-3ya.de`. */
export function asciiAddress(typed: string): string {
  const at = typed.lastIndexOf('@');
  return at === -1 ? typed : `${typed.slice(0, at)}@${asciiDomain(typed.slice(at + 1))}`;
}
