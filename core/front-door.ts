import type { Release } from './release.ts';

/**
 * Where the front door's container finds certificates: a folder for each name, written by the steward. Key and chain
 * are in one file, so that no moment shows the one without the other.
 */
const certificateFolder = '/certs';

/**
 * The part of the Caddyfile that belongs to one service. While its gate is closed the same names answer 503 with
 * Retry-After (RFC 9110 §15.6.4, §10.2.3), so nothing is accepted that might be taken back.
 */
export function renderRoutes(release: Release, closed: boolean): string {
  const lines = [`# Routes of ${release.service}. Written by the steward; a change here is overwritten.`];
  for (const route of release.routes) {
    lines.push(
      `https://${route.host} {`,
      `\ttls ${certificateFolder}/${route.host}/tls.pem ${certificateFolder}/${route.host}/tls.pem`,
      '\timport haven-headers',
      ...(closed
        ? [
            '\theader Retry-After 15',
            '\theader Cache-Control no-store',
            '\trespond "This service is being updated. Please try again in a moment." 503',
          ]
        : [`\treverse_proxy 127.0.0.1:${route.port}`]),
      '}',
    );
  }
  return `${lines.join('\n')}\n`;
}
