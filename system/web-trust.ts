import { existsSync, readFileSync } from 'node:fs';

/** Authorities that are trusted besides Node's own, as PEM: those in the file that HAVEN_WEB_TRUST names, if it exists. */
export function webTrust(): string | undefined {
  const file = process.env.HAVEN_WEB_TRUST;
  return file && existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
