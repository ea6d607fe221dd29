import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Entry } from '../../core/operations/entries.ts';
import { writeAll } from './write-all.ts';

/**
 * A journal is a text file with one entry per line: a checksum (crc32, 8 hex digits), a blank, the entry as JSON. An
 * entry counts when its whole line is present. A power cut can leave half of the last line: nothing has acted on it
 * yet, so it is cut off. Damage before the last line has another cause, and is reported instead of skipped.
 */
export function renderLine(entry: Entry): string {
  const json = JSON.stringify(entry);
  return `${checksum(json)} ${json}\n`;
}

export interface ParsedJournal {
  entries: Entry[];
  /** How many bytes of the text are whole lines. The rest is an unfinished write. */
  wholeBytes: number;
}

export function parseJournal(bytes: Uint8Array, where = 'journal'): ParsedJournal {
  const text = Buffer.from(bytes);
  const entries: Entry[] = [];
  let start = 0;
  while (start < text.length) {
    const end = text.indexOf(0x0a, start);
    const line = end < 0 ? undefined : text.subarray(start, end).toString('utf8');
    const entry = line === undefined ? undefined : parseLine(line);
    if (!entry) {
      const isLast = end < 0 || text.subarray(end + 1).every((byte) => byte === 0) || end === text.length - 1;
      if (isLast) return { entries, wholeBytes: start };
      throw new Error(
        `${where}: entry ${entries.length + 1} is damaged, and it is not the last one, so a power cut is not the cause. The service is in maintenance; its data is not changed. Run on the server, as root: mv ${where} ${where}.damaged   Then run: haven up`,
      );
    }
    entries.push(entry);
    start = end + 1;
  }
  return { entries, wholeBytes: start };
}

function parseLine(line: string): Entry | undefined {
  const json = line.slice(9);
  if (line.slice(0, 8) !== checksum(json)) return undefined;
  return JSON.parse(json) as Entry;
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0');

export function readJournal(file: string): Entry[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return parseJournal(bytes, file).entries;
}

/** Appends one entry and returns when it is on disk, including the file's name in its folder. */
export function appendEntry(file: string, entry: Entry): void {
  mkdirSync(dirname(file), { recursive: true });
  const handle = openSync(file, 'a+');
  try {
    const { wholeBytes } = parseJournal(readFileSync(file), file);
    ftruncateSync(handle, wholeBytes);
    writeAll(handle, Buffer.from(renderLine(entry)));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  if (entry.entry === 'open') syncFolder(dirname(file));
}

/** Makes the names in a folder durable: fsync of a file does not cover its name (fsync(2)). */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
