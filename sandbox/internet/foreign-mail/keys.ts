import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The private keys of the mail server, as PEM (PKCS#8). */
export interface MailKeys {
  dkim: string;
  tls: string;
}

/** The keys in a folder, as `dkim.pem` and `tls.pem`. Those that it lacks are made. */
export function loadMailKeys(folder: string): MailKeys {
  mkdirSync(folder, { recursive: true });
  const load = (name: keyof MailKeys, generate: () => string): string => {
    const file = join(folder, `${name}.pem`);
    if (!existsSync(file)) writeFileSync(file, generate(), { mode: 0o600 });
    return readFileSync(file, 'utf8');
  };
  const form = { type: 'pkcs8', format: 'pem' } as const;
  return {
    dkim: load('dkim', () =>
      String(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(form)),
    ),
    tls: load('tls', () =>
      String(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(form)),
    ),
  };
}

/** The public half, as SubjectPublicKeyInfo: what DKIM publishes in base64 (RFC 6376 §3.6.1), and TLSA 3 1 1 as a hash. */
const publicHalf = (privateKey: string): Buffer =>
  createPublicKey(createPrivateKey(privateKey)).export({ type: 'spki', format: 'der' });

export const dkimContent = (privateKey: string): string =>
  `v=DKIM1; k=rsa; p=${publicHalf(privateKey).toString('base64')}`;

/** SHA-256 of the public key of the server itself (RFC 6698 §2.1, recommended for SMTP by RFC 7672 §3.1.3). */
export const tlsaContent = (privateKey: string): string =>
  `3 1 1 ${createHash('sha256').update(publicHalf(privateKey)).digest('hex')}`;
