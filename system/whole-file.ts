import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** The bytes of a file. What the system refuses names the file, which Node leaves out once it is open. */
export const readBytes = (file: string): Buffer => naming(file, () => readFileSync(file));

export const readText = (file: string): string => readBytes(file).toString('utf8');

/** Writes a file whole or not at all: beside it first, and on disk before it takes its place. */
export function writeWhole(file: string, content: string | Uint8Array, mode?: number): void {
  naming(file, () => {
    writeFileSync(`${file}.new`, content, { flush: true, ...(mode === undefined ? {} : { mode }) });
    renameSync(`${file}.new`, file);
  });
}

function naming<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof Error ? Object.assign(error, { path }) : error;
  }
}
