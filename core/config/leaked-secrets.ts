import type { DnsProviderFacts } from '../dns/provider-facts.ts';

/** Finds strings that look like a secret, which must never be in haven.yaml. */
export function leakedSecrets(
  value: unknown,
  dnsProviders: DnsProviderFacts[],
  path: PropertyKey[] = [],
): { path: PropertyKey[]; kind: string }[] {
  if (typeof value === 'string') {
    const kind = secretKind(value, dnsProviders);
    return kind ? [{ path, kind }] : [];
  }
  if (Array.isArray(value))
    return value.flatMap((each, index) => leakedSecrets(each, dnsProviders, [...path, index]));
  if (value && typeof value === 'object')
    return Object.entries(value).flatMap(([key, each]) => leakedSecrets(each, dnsProviders, [...path, key]));
  return [];
}

function secretKind(text: string, dnsProviders: DnsProviderFacts[]): string | undefined {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return 'a private key';
  if (/AGE-SECRET-KEY-1/.test(text)) return 'an age key';
  if (/^[A-Za-z0-9]{64}$/.test(text)) return 'a Hetzner API token';
  // "IAM identifiers" in the documentation of AWS; other storages have keys without a pattern of their own.
  if (/^A[KS]IA[A-Z0-9]{16}$/.test(text)) return 'a key of Amazon S3';
  return dnsProviders.find((each) => each.token?.looksLike(text))?.token?.name;
}
