/**
 * May this authority issue for this name? Pebble doesn't look at CAA (pebble#476), so the sandbox does, before it:
 * RFC 8659 for the records, RFC 8657 for `accounturi` and `validationmethods`.
 */
export interface CaaRecord {
  flags: number;
  tag: string;
  value: string;
}

export interface CaaQuestion {
  /** The relevant record set: the closest one up the tree that isn't empty (RFC 8659 §3). */
  records: CaaRecord[];
  issuer: string;
  accountUri: string;
  method: string;
  wildcard: boolean;
}

/** Why issuance is forbidden; undefined when it is allowed. */
export function whyForbidden({
  records,
  issuer,
  accountUri,
  method,
  wildcard,
}: CaaQuestion): string | undefined {
  const unknownCritical = records.find(
    (each) =>
      each.flags & 128 && !['issue', 'issuewild', 'iodef', 'issuemail', 'issuevmc'].includes(each.tag),
  );
  if (unknownCritical) return `the critical property "${unknownCritical.tag}" is not understood`;
  const wild = records.filter((each) => each.tag === 'issuewild');
  const relevant = wildcard && wild.length > 0 ? wild : records.filter((each) => each.tag === 'issue');
  if (relevant.length === 0) return undefined;
  const reasons = relevant.map((each) => mismatch(each.value, { issuer, accountUri, method }));
  return reasons.includes(undefined) ? undefined : reasons[0];
}

function mismatch(
  value: string,
  asked: { issuer: string; accountUri: string; method: string },
): string | undefined {
  const [domain = '', ...rest] = value.split(';').map((each) => each.trim());
  if (domain !== asked.issuer) return `"${value}" does not name ${asked.issuer}`;
  const parameters = new Map(
    rest
      .filter(Boolean)
      .map((each) => [each.split('=')[0]!.trim(), each.slice(each.indexOf('=') + 1).trim()]),
  );
  const account = parameters.get('accounturi');
  if (account !== undefined && account !== asked.accountUri) return `"${value}" binds another account`;
  const methods = parameters.get('validationmethods');
  if (methods !== undefined && !methods.split(',').includes(asked.method))
    return `"${value}" does not allow ${asked.method}`;
  return undefined;
}

/** Takes apart a CAA record as dig(1) prints it: `0 issue "letsencrypt.org"`. */
export function parseCaa(line: string): CaaRecord | undefined {
  const match = /^(\d+) (\S+) "(.*)"$/.exec(line.trim());
  return match ? { flags: Number(match[1]), tag: match[2]!.toLowerCase(), value: match[3]! } : undefined;
}
