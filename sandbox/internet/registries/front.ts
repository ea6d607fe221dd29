import { type IncomingMessage, type RequestListener, request, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type ChangedBody, cut, slow, unchanged } from '../bodies/changed-body.ts';
import type { RegistryFault, RegistryFaults } from './fault.ts';
import { type RegistryRequest, readRegistryRequest } from './names.ts';
import { challenge, isAllowed, issueToken } from './tokens.ts';

/**
 * All registries of the sandbox's internet. They differ by the name they are asked under; behind them is one store,
 * Debian's docker-registry. Here are the tokens of Docker Hub, and what goes wrong by order of a test. Servers only read:
 * what a registry has is published past this front (`sandbox/images/publish-image.ts`).
 */
export function registryFront({
  storePort,
  faults,
}: {
  storePort: number;
  faults: () => RegistryFaults;
}): RequestListener {
  return (incoming, response) => {
    const url = new URL(incoming.url ?? '/', 'https://registry');
    const name = (incoming.headers.host ?? '').replace(/:\d+$/, '');
    const asked = readRegistryRequest(name, url.pathname);
    if (!asked) return refuse(response, 404, 'NAME_UNKNOWN', `${name} has no such page`);
    const fault = faults()[asked.registry];
    // A connection from before nothing listened here any more.
    if (fault === 'refused') return void incoming.destroy();
    if (fault === 'unavailable') return refuse(response, 503, 'UNAVAILABLE', 'service unavailable');
    if (asked.ask === 'token') {
      const scope = url.searchParams.getAll('scope').join(' ');
      return answer(response, 200, { token: issueToken(scope) });
    }
    const repository = 'repository' in asked ? asked.repository : undefined;
    if (asked.registry === 'docker.io' && !isAllowed(incoming.headers.authorization, repository)) {
      response.setHeader('www-authenticate', challenge(repository));
      return refuse(response, 401, 'UNAUTHORIZED', 'authentication required');
    }
    if (asked.ask === 'version') return answer(response, 200, {});
    if (incoming.method !== 'GET' && incoming.method !== 'HEAD')
      return refuse(response, 405, 'UNSUPPORTED', 'the sandbox’s registries can only be read');
    if (fault === 'rate-limited' && asked.ask === 'manifest')
      return refuse(response, 429, 'TOOMANYREQUESTS', 'You have reached your pull rate limit.');
    // The client ends it, or waits for ever: that is the fault.
    if (fault === 'silent' && asked.ask === 'blob') return;
    forward(incoming, response, { path: asked.path, storePort, fault, ask: asked.ask });
  };
}

/** How a registry answers an error (OCI Distribution Specification 1.1, "Error Codes"). */
function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  answer(response, status, { errors: [{ code, message }] });
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.setHeader('docker-distribution-api-version', 'registry/2.0');
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const storeTimeoutMs = 60_000;

function forward(
  incoming: IncomingMessage,
  response: ServerResponse,
  { path, storePort, fault, ask }: Forwarded,
): void {
  const { authorization: _, host: __, ...headers } = incoming.headers;
  const onward = request(
    { host: '127.0.0.1', port: storePort, method: incoming.method, path, headers, timeout: storeTimeoutMs },
    (found) => {
      // A changed manifest is longer, and a client that is told its length finds out by that already.
      const isChanged = fault === 'other-manifest' && ask === 'manifest' && incoming.method === 'GET';
      if (isChanged) delete found.headers['content-length'];
      response.writeHead(found.statusCode ?? 502, found.headers);
      const change = isChanged ? otherManifest : ask === 'blob' ? bodyFor(fault) : unchanged;
      // Either the client went away or a fault cut the answer: both end the connection.
      pipeline(found, change, response).catch(() => response.destroy());
    },
  );
  onward.on('timeout', () => onward.destroy(new Error(`no answer within ${storeTimeoutMs / 1000} s`)));
  onward.on('error', (error) => {
    if (response.headersSent) response.destroy();
    else refuse(response, 502, 'UNAVAILABLE', `the store does not answer: ${error.message}`);
  });
  response.on('close', () => onward.destroy());
  onward.end();
}

interface Forwarded {
  path: string;
  storePort: number;
  fault: RegistryFault | undefined;
  ask: RegistryRequest['ask'];
}

const bodyFor = (fault: RegistryFault | undefined): ChangedBody =>
  fault === 'slow' ? slow : fault === 'cut' ? cut : unchanged;

/** The same manifest for a reader, and another one for a digest. */
async function* otherManifest(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  yield* source;
  yield Buffer.from('\n');
}
