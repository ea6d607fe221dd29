/** The rest of a sentence about `host`, by the code in an error of Node's (nodejs.org/api/errors.html, "Common system errors"). */
const unreachable: Record<string, (host: string) => string> = {
  ENOTFOUND: (host) => `no name server knows ${host}`,
  EAI_AGAIN: () => 'no name server answers. Are you online?',
  ECONNREFUSED: (host) => `${host} refuses the connection`,
  ECONNRESET: (host) => `${host} ended the connection`,
  EPIPE: (host) => `${host} ended the connection`,
  ETIMEDOUT: (host) => `${host} does not answer`,
  EHOSTUNREACH: (host) => `there is no route to ${host}`,
  ENETUNREACH: () => 'this computer has no network',
  // Node's fetch is undici, whose codes these are (undici.nodejs.org, "Errors").
  UND_ERR_CONNECT_TIMEOUT: (host) => `${host} does not answer`,
  UND_ERR_HEADERS_TIMEOUT: (host) => `${host} does not answer`,
  UND_ERR_BODY_TIMEOUT: (host) => `${host} stopped in the middle of its answer`,
  UND_ERR_SOCKET: (host) => `${host} ended the connection`,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: (host) => `${host} stopped in the middle of its answer`,
};

/** What OpenSSL and Node say of a certificate that is not valid (nodejs.org/api/tls.html, "X509 certificate error codes"). */
const certificates: Record<string, string> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is signed by no authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'is signed by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by an unknown authority',
};

/**
 * Why an address on the network could not be asked, as the rest of a sentence that begins with its name: "can't be
 * reached: ..."; undefined if that is not what went wrong. Node says it in the error or in one of its causes.
 */
export function networkFault(error: unknown, host = 'the other side'): string | undefined {
  for (const each of causes(error)) {
    const { name, message, code = '' } = each as Error & { code?: string };
    const reason = unreachable[code]?.(host);
    if (reason !== undefined) return `can't be reached: ${ended(reason)}`;
    const certificate = certificates[code];
    if (certificate !== undefined)
      return `can't be trusted: the certificate of ${host} ${certificate}. A proxy on the way, or a wrong clock on this computer, can be the reason.`;
    if (/^ERR_SSL_|^EPROTO$/.test(code)) return `can't be reached: ${host} does not speak TLS.`;
    if (name === 'TimeoutError' || /^timeout of \d+ms exceeded$/.test(message))
      return `can't be reached: ${host} does not answer.`;
    if (/unexpected redirect/.test(message))
      return `can't be reached: ${host} sends haven to another address, so something else may be answering in its place.`;
  }
  if (!(error instanceof TypeError)) return undefined;
  // What undici throws for everything else that goes wrong on the way.
  if (error.message === 'terminated') return `can't be reached: ${host} ended the connection.`;
  return error.message === 'fetch failed' ? `can't be reached: ${ended(whyOf(error))}` : undefined;
}

const whyOf = ({ cause }: Error): string => (cause instanceof Error ? cause.message : 'the network failed');

/** An error, what caused it, and so on; of several addresses that were tried, each one's. */
function* causes(error: unknown): Generator<Error> {
  for (let each = error, left = 5; each instanceof Error && left > 0; each = each.cause, left--) {
    yield each;
    if (each instanceof AggregateError) for (const one of each.errors as unknown[]) yield* causes(one);
  }
}

const ended = (text: string): string => (/[.?]$/.test(text) ? text : `${text}.`);
