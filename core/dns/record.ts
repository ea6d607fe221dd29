/**
 * A DNS record says all of itself: beside its value each type has the fields that its RFC gives it, so nothing on the
 * way to a DNS provider has to guess a part of it from its type. {@link recordContent} writes all of it down, for the
 * golden zone, the owner who enters it, and the comparison with what exists.
 */
export type RecordShape =
  /** RFC 1035 §3.4.1, RFC 3596 §2.1, RFC 1035 §3.3.1 and §3.3.14. The value of TXT has any length and no quotes. */
  | { type: 'A' | 'AAAA' | 'CNAME' | 'TXT' }
  /** RFC 1035 §3.3.9. */
  | { type: 'MX'; priority: number }
  /** RFC 2782. */
  | { type: 'SRV'; priority: number; weight: number; port: number }
  /** RFC 8659 §4; `issuemail` is RFC 9495 §3. */
  | { type: 'CAA'; flags: number; tag: 'issue' | 'issuewild' | 'issuemail' | 'iodef' }
  /** RFC 6698 §2.1. The value is a certificate, a key, or the hash of one, in hex. */
  | { type: 'TLSA'; usage: number; selector: number; matchingType: number };

export type RecordType = RecordShape['type'];

/** A value that is known when the plan is made, or the name of an output, which is known only during deployment. */
export type PlannedValue = string | { output: OutputName };
export type OutputName = 'ipv4' | 'ipv6' | 'acme-account' | `tlsa-${KeySlot}:${string}`;
/** A certificate has two keys, one in use and the next: in slot `a` those of odd generations, in `b` those of even ones. */
export type KeySlot = 'a' | 'b';

/** A record that is to exist. */
export type PlannedRecord = RecordShape & {
  zone: string;
  name: string;
  /** The one part that may be known only during deployment. Host names are without the dot at their end. */
  value: PlannedValue;
  ttlSeconds: number;
  /** Which it is, where a name has more than one record of a type. */
  slot?: KeySlot;
  /** Why it exists, with its RFC. */
  reason: string;
  /** `early`: required before anything can be reached or certified; `live`: published only when it is true. */
  stage: 'early' | 'live';
};

/** What a record says, as a zone file writes it (RFC 1035 §5.1). */
export function recordContent(record: RecordShape, value: string): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return value;
    case 'CNAME':
      return absolute(value);
    case 'TXT':
      return quoteText(value);
    case 'MX':
      return `${record.priority} ${absolute(value)}`;
    case 'SRV':
      return `${record.priority} ${record.weight} ${record.port} ${absolute(value)}`;
    case 'CAA':
      return `${record.flags} ${record.tag} ${JSON.stringify(value)}`;
    case 'TLSA':
      return `${record.usage} ${record.selector} ${record.matchingType} ${value}`;
  }
}

/** A planned record as a zone file writes it; a value that is known only during deployment is its name, `<ipv4>`. */
export const plannedContent = (record: PlannedRecord): string =>
  recordContent(record, typeof record.value === 'string' ? record.value : `<${record.value.output}>`);

/** A host name with the dot that ends it: without one a zone file takes it as relative to its zone. */
export const absolute = (host: string): string => (host.endsWith('.') ? host : `${host}.`);

/** Text as the strings of at most 255 bytes that a TXT record consists of (RFC 1035 §3.3, §5.1). */
export function quoteText(text: string): string {
  const parts: string[] = [];
  const bytes = Buffer.from(text);
  for (let start = 0; start === 0 || start < bytes.length; start += 255) {
    const part = bytes.subarray(start, start + 255).toString('latin1');
    // Beyond ASCII a byte is written by its number, and so survives every editor.
    const escaped = part.replaceAll(/["\\]/g, '\\$&').replaceAll(/[^ -~]/g, decimalEscape);
    parts.push(`"${escaped}"`);
  }
  return parts.join(' ');
}

const decimalEscape = (byte: string): string => `\\${String(byte.charCodeAt(0)).padStart(3, '0')}`;

/** What a zone file says, as the DNS answers it: without quotes, and without the dot that ends a host name. */
export function asLookedUp(type: string, content: string): string {
  if (type === 'TXT') return unquoteText(content);
  if (type === 'CAA') return content.replace(/"(.*)"$/s, (quoted) => unquoteText(quoted));
  return content.replace(/\.$/, '').toLowerCase();
}

/** The text that quoted strings hold together: {@link quoteText} the other way round. */
function unquoteText(content: string): string {
  const strings = [...content.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, text]) => text);
  const bytes = strings
    .join('')
    .replaceAll(/\\(\d{3}|.)/gs, (_, escaped: string) =>
      escaped.length === 3 ? String.fromCharCode(Number(escaped)) : escaped,
    );
  return Buffer.from(bytes, 'latin1').toString();
}

/** The mark by which a record is known as ours (at most 100 characters on Cloudflare's free plan). */
export const recordMark = (havenId: string): string => `haven ${havenId}`;

/** The name of a record in the engine's state: the same for the same name, type and slot, whatever it says. */
export const recordKey = ({ name, type, slot }: { name: string; type: string; slot?: string }): string =>
  `dns-${type.toLowerCase()}-${name}${slot === undefined || slot === 'a' ? '' : `-${slot}`}`;

/** Is the engine's resource of this name a DNS record? */
export const isRecordKey = (resource: string): boolean => /^dns-[a-z]+-./.test(resource);
