import type { ChangeLine } from './describe-change.ts';

/** The order for readers: from the rented machine to what runs on it. The engine's own order differs each time. */
const kinds = [
  'SSH key',
  'Firewall',
  'Address',
  'Reverse DNS',
  'Volume',
  'Server',
  'Attachment',
  'File system',
  'Agent',
  'Set-up',
  'Alarms',
  'Backups',
  'Service',
  'Certificate',
  'DNS',
  'DNS by hand',
  'DNSSEC',
];

/** Sorts changes for readers, always in the same order: by kind, then by name with everything that belongs to it. */
export function inReadingOrder(lines: ChangeLine[]): ChangeLine[] {
  const rank = ({ what }: ChangeLine): number => (kinds.includes(what) ? kinds.indexOf(what) : kinds.length);
  // A port's record (RFC 6698 §3) is listed with those of its host.
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
