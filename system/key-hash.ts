import { createHash, X509Certificate } from 'node:crypto';

/** sha256 of a certificate's public key, hex, as TLSA `3 1 1` writes it (RFC 6698 §2.1). The certificate is in DER. */
export function keyHash(certificate: Buffer): string {
  const spki = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex');
}
