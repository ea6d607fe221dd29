/** Finds strings that look like a secret, which must never be in haven.yaml. */
export function leakedSecrets(
  value: unknown,
  path: PropertyKey[] = [],
): { path: PropertyKey[]; kind: string }[] {
  if (typeof value === 'string') {
    const kind = secretKind(value);
    return kind ? [{ path, kind }] : [];
  }
  if (Array.isArray(value)) return value.flatMap((each, index) => leakedSecrets(each, [...path, index]));
  if (value && typeof value === 'object')
    return Object.entries(value).flatMap(([key, each]) => leakedSecrets(each, [...path, key]));
  return [];
}

function secretKind(text: string): string | undefined {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return 'a private key';
  if (/AGE-SECRET-KEY-1/.test(text)) return 'an age key';
  if (/^[A-Za-z0-9]{64}$/.test(text)) return 'a Hetzner API token';
  if (/^[A-Za-z0-9_-]{40}$/.test(text) && /[A-Z]/.test(text) && /\d/.test(text))
    return 'a Cloudflare API token';
  return undefined;
}
