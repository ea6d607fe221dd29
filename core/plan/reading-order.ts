import type { ChangeLine } from './describe-change.ts';

/** From what one rents to what runs there and is known of it; the engine's own order is another one each time. */
const kinds = [
  'SSH key',
  'Firewall',
  'Address',
  'Reverse DNS',
  'Volume',
  'Server',
  'Attachment',
  'Agent',
  'Service',
  'Certificate',
  'DNS',
  'DNS by hand',
];

/** The same changes in the same order, whoever looks and whenever: by kind, and each name with what belongs to it. */
export function inReadingOrder(lines: ChangeLine[]): ChangeLine[] {
  const rank = ({ what }: ChangeLine): number => (kinds.includes(what) ? kinds.indexOf(what) : kinds.length);
  // A record of a port (RFC 6698 §3) stands beside those of its host.
  const host = ({ name }: ChangeLine): string => name.replace(/^(_[^.]+\.)+/, '');
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return lines.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      compare(a.what, b.what) ||
      compare(host(a), host(b)) ||
      compare(a.name, b.name) ||
      compare(a.detail, b.detail),
  );
}
