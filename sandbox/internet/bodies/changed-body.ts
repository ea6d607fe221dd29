import { setTimeout as pause } from 'node:timers/promises';

/** What a fault makes of the bytes on their way. */
export type ChangedBody = (source: AsyncIterable<Buffer>) => AsyncIterable<Buffer>;

export const unchanged: ChangedBody = (source) => source;

const slowBytesPerMs = 64;

/** At 64 kB a second: a base image takes minutes. */
export async function* slow(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  for await (const chunk of source) {
    await pause(chunk.length / slowBytesPerMs);
    yield chunk;
  }
}

const cutAfter = 1_000_000;

/** Ends with an error after 1 MB, so that the connection breaks there. */
export async function* cut(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let left = cutAfter;
  for await (const chunk of source) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) throw new Error('cut by order of a test');
  }
}
