import { writeSync } from 'node:fs';

type Write = (handle: number, data: Uint8Array, from: number, length: number) => number;

/** Writes all of the data. The kernel may take a part of it and say so (write(2)): then the rest is written, too. */
export function writeAll(handle: number, data: Uint8Array, write: Write = writeSync): void {
  for (let done = 0; done < data.length; ) {
    const written = write(handle, data, done, data.length - done);
    if (written === 0) throw new Error(`Only ${done} of ${data.length} bytes could be written.`);
    done += written;
  }
}
