import { type IncomingMessage, type RequestListener, request, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type ChangedBody, slow, unchanged } from '../bodies/changed-body.ts';
import type { StorageFault } from './fault.ts';

/**
 * The object storage of the sandbox's internet. It passes everything on to the S3 server as it came: a client signs the
 * path and the headers, `Host` among them (AWS Signature Version 4, "Create a canonical request"), so what is changed on
 * the way would be refused. Here is only what goes wrong by order of a test.
 */
export function storageFront({
  storagePort,
  fault,
}: {
  storagePort: number;
  fault: () => StorageFault | undefined;
}): RequestListener {
  return (incoming, response) => {
    const now = fault();
    // A connection from before nothing listened here any more.
    if (now === 'refused') return void incoming.destroy();
    const refusal = refusalOf(now, incoming.method);
    if (refusal) return refuse(incoming, response, refusal);
    forward(incoming, response, { storagePort, change: now === 'slow' ? slow : unchanged });
  };
}

interface Refusal {
  status: number;
  code: string;
  message: string;
}

const unavailable: Refusal = { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' };
const denied: Refusal = { status: 403, code: 'AccessDenied', message: 'Access Denied.' };
const full: Refusal = {
  status: 507,
  code: 'InsufficientStorage',
  message: 'There is not enough space in the storage.',
};

function refusalOf(fault: StorageFault | undefined, method = 'GET'): Refusal | undefined {
  if (fault === 'unavailable') return unavailable;
  if (fault === 'denied') return denied;
  // Large objects are begun by POST and come in parts by PUT.
  if (fault === 'full' && (method === 'PUT' || method === 'POST')) return full;
  return undefined;
}

/** How S3 answers an error (Amazon S3 API Reference, "Error responses"). What the client still sends is read and dropped. */
function refuse(
  incoming: IncomingMessage,
  response: ServerResponse,
  { status, code, message }: Refusal,
): void {
  incoming.resume();
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(incoming.method === 'HEAD' ? undefined : text);
}

/** Longer than a slow client takes for a part of 16 MB. */
const storageTimeoutMs = 10 * 60_000;

function forward(
  incoming: IncomingMessage,
  response: ServerResponse,
  { storagePort, change }: { storagePort: number; change: ChangedBody },
): void {
  const { connection: _, ...headers } = incoming.headers;
  const onward = request(
    {
      host: '127.0.0.1',
      port: storagePort,
      method: incoming.method,
      path: incoming.url,
      headers,
      timeout: storageTimeoutMs,
    },
    (found) => {
      const { connection: __, ...answered } = found.headers;
      response.writeHead(found.statusCode ?? 502, answered);
      // Either side went away: both connections end.
      pipeline(found, change, response).catch(() => response.destroy());
    },
  );
  onward.on('timeout', () =>
    onward.destroy(new Error(`no answer within ${storageTimeoutMs / 60_000} minutes`)),
  );
  onward.on('error', (error) => {
    if (response.headersSent) return void response.destroy();
    const message = `The sandbox's S3 server does not answer: ${error.message}`;
    refuse(incoming, response, { status: 502, code: 'InternalError', message });
  });
  response.on('close', () => onward.destroy());
  // A client that goes away half-way is told to the storage by the end of its connection.
  pipeline(incoming, change, onward).catch((error: Error) => onward.destroy(error));
}
