import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { open, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isInUse } from './process-command.ts';

/** A checksum as `sha256sum` or `shasum` writes it, in hexadecimal. */
export interface Checksum {
  algorithm: 'sha256' | 'sha1';
  hex: string;
}

/** A file to fetch by HTTP. */
export interface DownloadRequest {
  url: string;
  /** Where it is put, under its name and, until it is used, this process's number. */
  folder: string;
  name: string;
  /** Without it, only the size that the server says is checked. */
  checksum?: Checksum | undefined;
  /** Room that what is made of it takes, as a multiple of its size. */
  room?: number;
  onProgress?: ((received: number, total: number | undefined) => void) | undefined;
  /** A server that sends nothing for this long counts as gone. Default: 30 seconds. */
  silenceMs?: number;
}

/**
 * Why a file could not be fetched: its server can't be reached or breaks off (`unreachable`), does not have it (`missing`),
 * the disk is too small (`space`), or it is not what it should be (`changed`).
 */
export class DownloadError extends Error {
  readonly why: 'unreachable' | 'missing' | 'space' | 'changed';
  constructor(why: DownloadError['why'], message: string) {
    super(message);
    this.name = 'DownloadError';
    this.why = why;
  }
}

/** How often a transfer that breaks off is continued. */
const mostAttempts = 4;

/**
 * Fetches a file and answers with its path. A transfer that breaks off, also one of an earlier process, is continued where
 * it stopped. The checksum is that of the whole file; where it differs, pieces of two transfers are fetched again once, as
 * one. Throws {@link DownloadError}; the file is deleted then, unless it can be continued.
 */
export async function download(request: DownloadRequest): Promise<string> {
  mkdirSync(request.folder, { recursive: true });
  const part = adoptPart(request);
  for (let attempt = 1; ; attempt++) {
    let isOnePiece: boolean;
    try {
      isOnePiece = await fetchRest(request, part);
    } catch (error) {
      if (isCut(error) && attempt < mostAttempts) continue;
      throw asDownloadError(request, error);
    }
    const { checksum } = request;
    if (!checksum) return part;
    const found = await checksumOf(part, checksum.algorithm);
    if (found === checksum.hex) return part;
    rmSync(part);
    if (isOnePiece || attempt >= mostAttempts)
      throw new DownloadError(
        'changed',
        `${request.url} is not the file that was released: its ${checksum.algorithm} is ${found}, and it should be ${checksum.hex}`,
      );
  }
}

/** Fetches a short text. `limitMs` is for all of it. */
export async function downloadText(url: string, limitMs = 10_000): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(limitMs) });
    assertFound(url, answer);
    return await answer.text();
  } catch (error) {
    throw asDownloadError({ url }, error);
  }
}

/** How large a file is, without fetching it; undefined if its server does not say. Throws {@link DownloadError}. */
export async function downloadSize(url: string, limitMs = 10_000): Promise<number | undefined> {
  try {
    const headers = { 'accept-encoding': 'identity' };
    const answer = await fetch(url, { method: 'HEAD', headers, signal: AbortSignal.timeout(limitMs) });
    assertFound(url, answer);
    const length = answer.headers.get('content-length');
    return length === null ? undefined : Number(length);
  } catch (error) {
    throw asDownloadError({ url }, error);
  }
}

export async function checksumOf(file: string, algorithm: Checksum['algorithm']): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Fetches what is missing of the file. True if all of it came with this one answer. */
async function fetchRest(
  { url, folder, room = 1, onProgress, silenceMs = 30_000 }: DownloadRequest,
  part: string,
): Promise<boolean> {
  const had = sizeOf(part);
  const silence = new AbortController();
  const stop = () => silence.abort(new Cut(`sent nothing for ${silenceMs / 1000} s`));
  let timer = setTimeout(stop, silenceMs);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(stop, silenceMs);
  };
  try {
    const answer = await fetch(url, {
      // The sizes are those of the file only if nobody packs it on the way.
      headers: { 'accept-encoding': 'identity', ...(had > 0 ? { range: `bytes=${had}-` } : {}) },
      signal: silence.signal,
    });
    // Nothing is left to send (RFC 9110, section 15.5.17): the file is whole, or another one. Its checksum decides.
    if (answer.status === 416 && had > 0) return false;
    assertFound(url, answer);
    const begin = answer.status === 206 ? had : 0;
    const length = answer.headers.get('content-length');
    const total = length === null ? undefined : begin + Number(length);
    if (total !== undefined) await assertRoom(folder, total - begin + total * (room - 1));
    let received = begin;
    const file = await open(part, begin > 0 ? 'a' : 'w');
    try {
      for await (const chunk of answer.body ?? []) {
        heard();
        await file.write(chunk as Uint8Array);
        received += (chunk as Uint8Array).length;
        onProgress?.(received, total);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (total !== undefined && received !== total) throw new Cut(`ended after ${received} of ${total} bytes`);
    return begin === 0;
  } finally {
    clearTimeout(timer);
  }
}

function assertFound(url: string, answer: Response): void {
  if (answer.ok) return;
  // A bucket at Amazon answers 403 for what it does not have, unless its content may be listed.
  const isMissing = [403, 404, 410].includes(answer.status);
  throw new DownloadError(isMissing ? 'missing' : 'unreachable', `${url} answers ${answer.status}`);
}

/** A transfer that broke off. */
class Cut extends Error {}

/** Node's fetch reports a lost connection as a TypeError, with what happened as its cause. */
const isCut = (error: unknown): boolean =>
  error instanceof Cut || (error instanceof TypeError && error.message === 'terminated');

function asDownloadError({ url, folder }: { url: string; folder?: string }, error: unknown): Error {
  if (error instanceof DownloadError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new DownloadError('space', `there is no room left in ${folder}`);
  if (error instanceof Cut) return new DownloadError('unreachable', `${url} ${error.message}`);
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return new DownloadError('unreachable', `${url} does not answer`);
  if (!(error instanceof TypeError)) return error as Error;
  const cause = error.cause instanceof Error ? error.cause : error;
  const why = (cause as NodeJS.ErrnoException).code ?? cause.message;
  return new DownloadError('unreachable', `${new URL(url).host} can't be reached (${why})`);
}

/** Refuses to begin what would fill the disk. */
async function assertRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes) return;
  const [required, there] = [bytes, free].map((each) => Math.ceil(each / 1e6));
  throw new DownloadError('space', `${required} MB are required in ${folder}, and ${there} MB are free`);
}

const sizeOf = (file: string): number => (existsSync(file) ? statSync(file).size : 0);

/** This process's own part of the file: what the longest part of a process that has ended holds, or nothing yet. */
function adoptPart({ folder, name }: DownloadRequest): string {
  const own = join(folder, `${name}.${process.pid}.part`);
  const left = readdirSync(folder)
    .flatMap((each) => {
      const pid = each.startsWith(`${name}.`) ? /\.(\d+)\.part$/.exec(each)?.[1] : undefined;
      return pid && Number(pid) !== process.pid && !isInUse(Number(pid)) ? [join(folder, each)] : [];
    })
    .sort((a, b) => sizeOf(b) - sizeOf(a));
  for (const [index, each] of left.entries()) {
    if (index === 0) renameSync(each, own);
    else rmSync(each, { force: true });
  }
  return own;
}
