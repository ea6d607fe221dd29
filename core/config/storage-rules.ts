import { z } from 'zod';
import { domainPattern } from '../dns/domain-pattern.ts';

const isIp = (text: string): boolean => z.union([z.ipv4(), z.ipv6()]).safeParse(text).success;

/** What is wrong with the address of an S3-compatible storage; undefined if it can be used. */
export function endpointFault(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:')
    return 'is not an address that begins with https:// (for example: https://fsn1.your-objectstorage.com)';
  if (url.username !== '' || url.password !== '')
    return 'must not contain a key or a password. Set them with: haven secret set backup-s3-key, and backup-s3-secret';
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    return `must end after the host: ${url.origin}. The bucket and the folder are settings of their own`;
  return undefined;
}

/**
 * What is wrong with the name of a bucket; undefined if it can be used. These are the rules of Amazon S3 ("General
 * purpose bucket naming rules"), which other storages follow.
 */
export function bucketFault(text: string): string | undefined {
  if (text.length < 3 || text.length > 63) return 'must have 3 to 63 characters';
  if (!/^[a-z0-9.-]+$/.test(text)) return 'may only contain lower-case letters, digits, hyphens and dots';
  if (!/^[a-z0-9].*[a-z0-9]$/.test(text)) return 'must begin and end with a letter or a digit';
  if (text.includes('..')) return 'must not contain two dots in a row';
  if (isIp(text)) return 'must not look like an IP address';
  return undefined;
}

/**
 * What is wrong with a folder at the storage; undefined if it can be used. Only a server for SFTP has folders that begin
 * at its root.
 */
export function folderFault(text: string, { mayBeginAtRoot = false } = {}): string | undefined {
  if (!/^[\w./-]+$/.test(text)) return 'may only have the characters a-z, A-Z, 0-9, _, ., - and /';
  if (text.startsWith('/') && !mayBeginAtRoot) return 'must not begin with a slash';
  if (text.endsWith('/')) return 'must not end with a slash';
  const parts = (text.startsWith('/') ? text.slice(1) : text).split('/');
  if (parts.includes('')) return 'must not contain two slashes in a row';
  if (parts.some((each) => each === '.' || each === '..')) return 'must not contain "." or ".." as a folder';
  if (parts[0]!.startsWith('-')) return 'must not begin with a hyphen';
  return undefined;
}

/** What is wrong with the host of a server for SFTP; undefined if it can be used. */
export const hostFault = (text: string): string | undefined =>
  domainPattern.test(text) || isIp(text)
    ? undefined
    : 'is not a host name (for example: u1.your-storagebox.de)';

const keyTypes = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
];

/**
 * What is wrong with a server's public key; undefined if it can be used. It is written as in OpenSSH's files: type, then
 * the key in Base64: fields with their length before them, of which the first repeats the type (RFC 4253 §6.6).
 */
export function hostKeyFault(text: string): string | undefined {
  const words = text.trim().split(/\s+/);
  const at = words.findIndex((word) => keyTypes.includes(word));
  if (at > 0)
    return `must begin with the type of the key. Leave out what is before ${words[at]}, which is the name of the server`;
  const [type, key = ''] = words;
  if (at < 0 || words.length > 3) return 'is not a public key (for example: ssh-ed25519 AAAA…)';
  return keyFields(key)?.[0] === type
    ? undefined
    : `is not a whole key of the type ${type}: it was cut short or changed`;
}

/** The fields of a public key, of which the first is its type; undefined if they do not fill it exactly. */
function keyFields(base64: string): string[] | undefined {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64) return undefined;
  const fields: string[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const end = at + 4 + bytes.readUInt32BE(at);
    fields.push(bytes.toString('latin1', at + 4, end));
    at = end;
  }
  return at === bytes.length && fields.length > 1 ? fields : undefined;
}
