import { existsSync, readFileSync } from 'node:fs';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { Agent, get as httpsGet } from 'node:https';
import { rootCertificates } from 'node:tls';

const silenceMs = 30_000;
const mostRedirects = 5;

/**
 * Asks a mirror for a file; answers with whatever it says, once redirects are followed: they may lead to names that only
 * this machine can look up. (`fetch` would unpack what a mirror calls "Content-Encoding: gzip", though it is the file.)
 */
export async function askMirror(
  address: string,
  headers: Record<string, string> = {},
  redirects = 0,
): Promise<IncomingMessage> {
  const url = new URL(address);
  const found = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { headers, timeout: silenceMs };
    const asked =
      url.protocol === 'https:'
        ? httpsGet(url, { ...options, agent: trusting() }, resolve)
        : httpGet(url, options, resolve);
    asked.on('timeout', () => asked.destroy(new Error(`sent nothing for ${silenceMs / 1000} s`)));
    asked.on('error', reject);
  });
  const { location } = found.headers;
  if (![301, 302, 303, 307, 308].includes(found.statusCode ?? 0) || !location) return found;
  found.destroy();
  if (redirects === mostRedirects) throw new Error(`redirects more than ${mostRedirects} times`);
  return askMirror(new URL(location, url).href, headers, redirects + 1);
}

let agent: Agent | undefined;

/** Trusts what this machine trusts, like its apt: it may be behind a proxy that inspects TLS. */
function trusting(): Agent {
  const bundle = process.env.SSL_CERT_FILE ?? '/etc/ssl/certs/ca-certificates.crt';
  const own = existsSync(bundle) ? [readFileSync(bundle, 'utf8')] : [];
  agent ??= new Agent({ keepAlive: true, ca: [...rootCertificates, ...own] });
  return agent;
}
