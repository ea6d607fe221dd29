import { Resolver } from 'node:dns/promises';
import { Agent, request } from 'node:https';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { keyHash } from './key-hash.ts';
import { webTrust } from './web-trust.ts';

/** What a web address answers, as a visitor sees it: resolved by DNS, with a certificate that must be valid. */
export interface WebLook {
  status: number;
  address: string;
  notAfter: string;
  issuer: string;
  /** sha256 of the certificate's public key, hex, as TLSA `3 1 1` writes it (RFC 6698 §2.1). */
  spkiSha256: string;
  body: string;
}

/** More than any page has; a service that was broken into could answer without end. */
const longestAnswerMb = 2;

/**
 * Requests a page over HTTPS, at the address that DNS gives or at a given one. Throws if the whole answer is not there
 * after `timeoutMs`, or is too long. HAVEN_RESOLVER and HAVEN_WEB_TRUST name another resolver and additional authorities.
 */
export async function lookAtWeb(
  host: string,
  path = '/',
  { at, port = 443, timeoutMs = 8000 }: { at?: string | undefined; port?: number; timeoutMs?: number } = {},
): Promise<WebLook> {
  const address = at ?? (await addressOf(host));
  const ca = webTrust();
  // A resumed session has no certificate, and the certificate is half of the answer.
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: address,
        port,
        servername: host,
        path,
        headers: { host },
        agent: new Agent({ maxCachedSessions: 0 }),
        ...(ca ? { ca } : {}),
      },
      (answer) => {
        const certificate = (answer.socket as TLSSocket).getPeerCertificate() as PeerCertificate;
        const chunks: Buffer[] = [];
        let length = 0;
        answer.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          length += chunk.length;
          if (length > longestAnswerMb * 1e6)
            asked.destroy(new Error(`it answers with more than ${longestAnswerMb} MB`));
        });
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            address,
            notAfter: new Date(certificate.valid_to).toISOString(),
            spkiSha256: keyHash(certificate.raw),
            issuer: String(certificate.issuer.CN ?? certificate.issuer.O),
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    // Not the option `timeout`, which begins again with each byte.
    const late = () => asked.destroy(new Error(`no whole answer within ${timeoutMs / 1000} s`));
    const limit = setTimeout(late, timeoutMs);
    asked.on('close', () => clearTimeout(limit));
    asked.on('error', reject);
    asked.end();
  });
}

async function addressOf(host: string): Promise<string> {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  if (process.env.HAVEN_RESOLVER) resolver.setServers([process.env.HAVEN_RESOLVER]);
  const address = (await resolver.resolve4(host))[0];
  if (!address) throw new Error(`${host} has no address`);
  return address;
}
