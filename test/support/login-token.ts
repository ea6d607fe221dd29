import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A key of a login, as Keycloak signs access tokens with it: ES256 (RFC 7518 §3.4), by its id. */
export interface SigningKey {
  id: string;
  /** The public half, as PEM. */
  pem: string;
  key: KeyObject;
}

export function makeSigningKey(id: string): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { id, key: privateKey, pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
}

/** An access token (RFC 9068) with these claims, valid for a minute unless they say otherwise. */
export function signToken({ id, key }: SigningKey, claims: Record<string, unknown>): string {
  const now = Math.floor(Date.now() / 1000);
  const text = `${encode({ alg: 'ES256', typ: 'JWT', kid: id })}.${encode({ iat: now, exp: now + 60, ...claims })}`;
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}
