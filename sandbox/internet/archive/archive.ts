import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type ChangedBody, slow, unchanged } from '../bodies/changed-body.ts';
import type { ArchiveFaults } from './fault.ts';
import {
  type ArchiveName,
  type ArchiveRoute,
  type Mirrors,
  routeArchiveRequest,
  validUntil,
} from './routes.ts';
import { askMirror } from './upstream.ts';

/**
 * Debian's archive in the sandbox's internet: what servers ask of its names comes from the mirror that this machine's apt
 * uses. Signatures are checked by apt, so nothing here has to be trusted.
 */
export function debianArchive({
  mirrors,
  folder,
  faults,
}: {
  mirrors: Mirrors;
  /** Where files are kept, for all sandboxes. */
  folder: string;
  faults: () => ArchiveFaults;
}): RequestListener {
  return (incoming, response) => {
    const name = (incoming.headers.host ?? '').replace(/:\d+$/, '');
    const route = routeArchiveRequest(name, incoming.url ?? '', mirrors);
    if (!route) return refuse(response, 404, `${name} has no ${incoming.url}`);
    const fault = faults()[name as ArchiveName];
    // A connection from before nothing listened here any more.
    if (fault === 'refused') return void incoming.destroy();
    if (fault === 'unavailable') return refuse(response, 503, 'Service Unavailable');
    if (incoming.method !== 'GET') return refuse(response, 405, `${incoming.method} is not for an archive`);
    const file = { ...route, kept: join(folder, route.file), change: fault === 'slow' ? slow : unchanged };
    serveFile(file, incoming, response).catch((error: Error) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 502, `The mirror of this machine: ${error.message}`);
    });
  };
}

interface WantedFile extends ArchiveRoute {
  /** Its path in the cache. */
  kept: string;
  change: ChangedBody;
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`);
}

async function serveFile(
  file: WantedFile,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (file.keep === 'ask-again') return serveIndex(file, incoming, response);
  const size = file.keep === 'forever' ? await sizeOf(file.kept) : undefined;
  if (size !== undefined) {
    response.writeHead(200, { 'content-length': size });
    return pipeline(createReadStream(file.kept), file.change, response);
  }
  const found = await askMirror(file.upstream);
  response.writeHead(found.statusCode ?? 502, headersOf(found));
  if (file.keep === 'forever' && found.statusCode === 200) return keepWhilePassing(file, found, response);
  return pipeline(found, file.change, response);
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** What apt looks at. Encodings of the way are left out, because the file arrives as it is. */
function headersOf(found: IncomingMessage): Record<string, string> {
  const kept = ['content-length', 'content-type', 'last-modified'];
  return Object.fromEntries(
    kept.flatMap((each) => (found.headers[each] ? [[each, String(found.headers[each])]] : [])),
  );
}

/** The file gets its name once all of it is there; what breaks off is not kept. */
async function keepWhilePassing(
  { kept, change }: WantedFile,
  found: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const draft = await openDraft(kept);
  const handle = await open(draft, 'w');
  try {
    await pipeline(
      found,
      async function* (source: AsyncIterable<Buffer>) {
        // The last chunk waits for the name, so that a client that got all of the file finds it kept.
        let last: Buffer | undefined;
        for await (const chunk of source) {
          await handle.writeFile(chunk);
          if (last) yield last;
          last = chunk;
        }
        await rename(draft, kept);
        if (last) yield last;
      },
      change,
      response,
    );
  } finally {
    await handle.close();
    await rm(draft, { force: true });
  }
}

/** A name beside the file's own, in a folder that exists. Two requests for a file don't share one. */
async function openDraft(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  return `${file}.${randomUUID()}.part`;
}

/** Indexes of suites have up to 150 kB. */
const mostIndexBytes = 4_000_000;

/** The index of a suite as its mirror has it now; as it was the last time if the mirror is away and it still counts. */
async function serveIndex(
  file: WantedFile,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const since = incoming.headers['if-modified-since'];
  const found = await askMirror(file.upstream, since ? { 'if-modified-since': since } : {}).catch(
    (error: Error) => error,
  );
  if (found instanceof Error || (found.statusCode ?? 500) >= 500) {
    if (!(found instanceof Error)) found.destroy();
    const kept = await keptIndex(file.kept);
    if (!kept) throw found instanceof Error ? found : new Error(`answers ${found.statusCode}`);
    return send(kept, {}, file, response);
  }
  if (found.statusCode !== 200) {
    found.destroy();
    return void response.writeHead(found.statusCode ?? 502).end();
  }
  const text = await readIndex(found);
  const draft = await openDraft(file.kept);
  await writeFile(draft, text);
  await rename(draft, file.kept);
  return send(text, headersOf(found), file, response);
}

async function readIndex(found: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of found as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > mostIndexBytes) throw new Error(`an index of more than ${mostIndexBytes} bytes`);
  }
  return Buffer.concat(chunks);
}

async function keptIndex(file: string): Promise<Buffer | undefined> {
  if ((await sizeOf(file)) === undefined) return undefined;
  const text = await readFile(file);
  return validUntil(text.toString()) > Date.now() ? text : undefined;
}

function send(
  text: Buffer,
  headers: Record<string, string>,
  { change }: WantedFile,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(200, { ...headers, 'content-length': text.length });
  return pipeline(Readable.from([text]), change, response);
}
