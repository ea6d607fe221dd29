import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, writeJson } from '../store/json-file.ts';
import type { Layout } from '../store/layout.ts';
import type { ProxyProgram, Routes } from './routes.ts';

/**
 * What the programs of the reverse proxy acknowledged: for each, which start of it that was, and a digest of each
 * file of routes that it loaded, with the certificates named there. The files say what should be served, and only this
 * says what is. It is written after a reload that succeeded, and says nothing about another start.
 */
export type Acknowledged = Partial<Record<ProxyProgram, { start: string; files: Digests }>>;

export type Digests = Record<string, string>;

/** The id of each program's container and when it started; left out for a program that does not run here. */
export type Starts = Partial<Record<ProxyProgram, string>>;

export function readAcknowledged(layout: Layout): Acknowledged {
  try {
    return readJson<Acknowledged>(layout.acknowledgedRoutes) ?? {};
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Damaged, it says nothing: the programs are told once more.
    return {};
  }
}

export const writeAcknowledged = (layout: Layout, acknowledged: Acknowledged): void =>
  writeJson(layout.acknowledgedRoutes, acknowledged);

export function digestsOf(layout: Layout, files: Map<string, string>): Digests {
  const certificate = (host: string): string => {
    const file = join(layout.certificates, host, 'tls.pem');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };
  return Object.fromEntries(
    [...files].map(([name, text]) => {
      const hosts = new Set([...text.matchAll(/\/certs\/(\S+)\/tls\.pem/g)].map(([, host]) => host!));
      const parts = [text, ...[...hosts].map(certificate)];
      return [name, createHash('sha256').update(JSON.stringify(parts)).digest('hex')];
    }),
  );
}

/** Whether a program has to be told: it runs, and what it acknowledged since it started is something else. */
export function isBehind(
  program: ProxyProgram,
  starts: Starts,
  acknowledged: Acknowledged,
  wanted: Digests,
): boolean {
  const start = starts[program];
  if (start === undefined) return false;
  const last = acknowledged[program];
  return last?.start !== start || !isSame(last.files, wanted);
}

/** Whether a program acknowledged one file as it is wanted, or that it is wanted no more. */
export const isServed = (
  program: ProxyProgram,
  acknowledged: Acknowledged,
  wanted: Digests,
  file: string,
): boolean => {
  const last = acknowledged[program];
  return last !== undefined && last.files[file] === wanted[file];
};

function isSame(one: Digests, other: Digests): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

/**
 * The files of routes that a program which runs serves otherwise than wanted. A program that has acknowledged nothing
 * since its start serves what the files said then.
 */
export function filesBehind(
  program: ProxyProgram,
  starts: Starts,
  acknowledged: Acknowledged,
  { wanted, written }: { wanted: Digests; written: Digests },
): string[] {
  const start = starts[program];
  if (start === undefined) return [];
  const last = acknowledged[program];
  const served = last?.start === start ? last.files : written;
  return Object.keys(wanted).filter((name) => served[name] !== wanted[name]);
}

/** Without what an earlier start acknowledged: this one has, until it is told, acknowledged nothing. */
export function afterStarts(acknowledged: Acknowledged, starts: Starts): Acknowledged {
  const kept = { ...acknowledged };
  for (const program of Object.keys(starts) as ProxyProgram[]) {
    const start = starts[program]!;
    if (kept[program]?.start !== start) kept[program] = { start, files: {} };
  }
  return kept;
}

/**
 * While a program is being told: of the files that change nothing is known, so that it is told again if its answer is never
 * written down.
 */
export function whileTold(acknowledged: Acknowledged, program: ProxyProgram, wanted: Digests): Acknowledged {
  const last = acknowledged[program];
  if (!last) return acknowledged;
  const kept = Object.entries(last.files).filter(([name, digest]) => wanted[name] === digest);
  return { ...acknowledged, [program]: { ...last, files: Object.fromEntries(kept) } };
}

/** The wanted digests of all programs. */
export const allDigests = (layout: Layout, routes: Routes): Record<ProxyProgram, Digests> => ({
  caddy: digestsOf(layout, routes.caddy),
  haproxy: digestsOf(layout, routes.haproxy),
});
