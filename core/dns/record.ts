/**
 * A DNS record is complete: besides its value each type has the fields of its RFC, so nothing on the way to a DNS
 * provider has to guess a part of it from its type. {@link recordContent} writes all of it as text, for the golden
 * zone, for the owner who enters it, and for the comparison with what exists.
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
export type OutputName = 'ipv4' | 'ipv6' | 'acme-account' | `tlsa-${KeySlot}:${string}` | `dkim:${string}`;
/** A certificate has two keys, the one in use and the next: odd generations are in slot `a`, even ones in `b`. */
export type KeySlot = 'a' | 'b';

/** A record that has to exist. */
export type PlannedRecord = RecordShape & {
  zone: string;
  name: string;
  /** The only part that may be known only during deployment. Host names have no trailing dot. */
  value: PlannedValue;
  ttlSeconds: number;
  /** Which it is, if a name has more than one record of its type (of CAA: of its tag). */
  slot?: string;
  /** Why it exists, with its RFC. */
  reason: string;
  /** `early`: required before anything can be reached or certified; `live`: published only when it is true. */
  stage: 'early' | 'live';
};

/** A record's content, as a zone file writes it (RFC 1035 §5.1). */
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

/** A planned record as a zone file writes it; a value known only during deployment is shown as its name, `<ipv4>`. */
export const plannedContent = (record: PlannedRecord): string =>
  recordContent(record, typeof record.value === 'string' ? record.value : `<${record.value.output}>`);

/** A host name with a trailing dot: without it, a zone file reads the name as relative to its zone. */
export const absolute = (host: string): string => (host.endsWith('.') ? host : `${host}.`);

/** Text as the strings of at most 255 bytes that a TXT record consists of (RFC 1035 §3.3, §5.1). */
export function quoteText(text: string): string {
  const parts: string[] = [];
  const bytes = Buffer.from(text);
  for (let start = 0; start === 0 || start < bytes.length; start += 255) {
    const part = bytes.subarray(start, start + 255).toString('latin1');
    // A byte beyond ASCII is written as a number, so that it survives every editor.
    const escaped = part.replaceAll(/["\\]/g, '\\$&').replaceAll(/[^ -~]/g, decimalEscape);
    parts.push(`"${escaped}"`);
  }
  return parts.join(' ');
}

const decimalEscape = (byte: string): string => `\\${String(byte.charCodeAt(0)).padStart(3, '0')}`;

/** The content of a zone file as DNS answers it: without quotes, and without a host name's trailing dot. */
export function asLookedUp(type: string, content: string): string {
  if (type === 'TXT') return unquoteText(content);
  if (type === 'CAA') return content.replace(/"(.*)"$/s, (quoted) => unquoteText(quoted));
  return content.replace(/\.$/, '').toLowerCase();
}

/** Joins quoted strings into one text: the reverse of {@link quoteText}. */
function unquoteText(content: string): string {
  const strings = [...content.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, text]) => text);
  const bytes = strings
    .join('')
    .replaceAll(/\\(\d{3}|.)/gs, (_, escaped: string) =>
      escaped.length === 3 ? String.fromCharCode(Number(escaped)) : escaped,
    );
  return Buffer.from(bytes, 'latin1').toString();
}

/** The mark that identifies a record as ours (at most 100 characters on Cloudflare's free plan). */
export const recordMark = (havenId: string): string => `haven ${havenId}`;

/**
 * The name of a record in the engine's state: the same for the same name, type and slot, whatever its content is. A name
 * has a CAA record for each tag.
 */
export function recordKey({ name, type, tag, slot }: KeyParts): string {
  const parts = [tag === 'issue' ? undefined : tag, slot === 'a' ? undefined : slot];
  return ['dns', type.toLowerCase(), name, ...parts.filter((each) => each !== undefined)].join('-');
}

interface KeyParts {
  name: string;
  type: string;
  tag?: string;
  slot?: string;
}

/** Whether the engine's resource of this name is a DNS record. */
export const isRecordKey = (resource: string): boolean => /^dns-[a-z]+-./.test(resource);
