import { closeSync, constants, existsSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { signaturesHeaderBytes, signaturesMadeAt } from '../../core/mail/virus-signatures.ts';
import type { Release } from '../../core/release/release.ts';
import type { Layout } from '../store/layout.ts';

/**
 * When the newest signatures of a release's virus scanner were made, in milliseconds since 1970; undefined where it has no scanner,
 * or none yet.
 */
export function newestSignatures(layout: Layout, { service, data }: Release): number | undefined {
  const folders = Object.keys(data)
    .filter((name) => data[name]?.holds === 'virus-signatures')
    .map((name) => layout.data(service, name))
    .filter((folder) => existsSync(folder));
  const files = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const times = files.filter((file) => /\.c[lv]d$/.test(file)).flatMap((file) => madeAt(file) ?? []);
  return times.length > 0 ? Math.max(...times) : undefined;
}

/**
 * The scanner's own user writes there, so a link is not followed, and a pipe is not waited for. A file may be replaced at any
 * time.
 */
function madeAt(file: string): number | undefined {
  let opened: number;
  try {
    opened = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    if (!fstatSync(opened).isFile()) return undefined;
    const header = Buffer.alloc(signaturesHeaderBytes);
    const length = readSync(opened, header, 0, header.length, 0);
    return signaturesMadeAt(header.toString('latin1', 0, length));
  } finally {
    closeSync(opened);
  }
}
