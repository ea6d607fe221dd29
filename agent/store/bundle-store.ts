import {
  closeSync,
  existsSync,
  fchownSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { type Bundle, releaseHash } from '../../core/release/release.ts';
import { crashPoint } from './crash-point.ts';
import { syncFolder } from './journal.ts';
import type { Layout } from './layout.ts';
import { writeAll } from './write-all.ts';

/** Writes a file so that after a power cut it is either complete or absent. */
export function writeDurably(path: string, text: string | Uint8Array, mode = 0o644, owner?: number): void {
  const draft = writeDraft(path, text, mode, owner);
  renameSync(draft, path);
  syncFolder(dirname(path));
}

/** The same, if there is no such file. Of two processes that write it, one does. */
export function writeOnce(path: string, text: string, mode: number): void {
  const draft = writeDraft(path, text, mode);
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  syncFolder(dirname(path));
}

function writeDraft(path: string, text: string | Uint8Array, mode: number, owner?: number): string {
  mkdirSync(dirname(path), { recursive: true });
  // Two processes may write the same file at once, so each has its own draft.
  const draft = `${path}.draft-${process.pid}`;
  rmSync(draft, { force: true });
  const handle = openSync(draft, 'wx', mode);
  try {
    writeAll(handle, typeof text === 'string' ? Buffer.from(text) : text);
    if (owner !== undefined) fchownSync(handle, owner, owner);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return draft;
}

/**
 * Stores a bundle under its hash. Storing it twice is fine; a bundle whose content does not match its hash is
 * refused.
 */
export function storeBundle(layout: Layout, bundle: Bundle, hash: string): void {
  const real = releaseHash(bundle);
  if (real !== hash)
    throw new Error(
      `The bundle of ${bundle.release.service} is damaged: its hash is ${real}, expected ${hash}.`,
    );
  const folder = layout.release(bundle.release.service, hash);
  if (isStored(layout, bundle.release.service, hash)) return;
  rmSync(folder, { recursive: true, force: true });
  const draft = join(dirname(folder), `.draft-${hash}`);
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  for (const [path, text] of Object.entries(bundle.files)) {
    const clean = normalize(path);
    if (clean.startsWith('..') || clean.startsWith('/'))
      throw new Error(`A bundle may not write outside its folder: ${path}`);
    writeDurably(join(draft, clean), text, text.startsWith('#!') ? 0o755 : 0o644);
  }
  // The bundle itself, so that it can be verified and sent on.
  writeDurably(join(draft, 'bundle.json'), JSON.stringify(bundle));
  renameSync(draft, folder);
  syncFolder(dirname(folder));
}

/** Whether the bundle is here and whole. A damaged one is stored again. */
function isStored(layout: Layout, service: string, hash: string): boolean {
  if (!hasBundle(layout, service, hash)) return false;
  try {
    return releaseHash(loadBundle(layout, service, hash)) === hash;
  } catch {
    return false;
  }
}

export function loadBundle(layout: Layout, service: string, hash: string): Bundle {
  const file = join(layout.release(service, hash), 'bundle.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Bundle;
  } catch (error) {
    throw new Error(
      `${file}: can't be read (${error instanceof Error ? error.message : error}). Nothing was changed. Run: haven up. It sends this release again, if the settings of ${service} are as they were.`,
      { cause: error },
    );
  }
}

export function hasBundle(layout: Layout, service: string, hash: string): boolean {
  return existsSync(join(layout.release(service, hash), 'bundle.json'));
}

/** Points `current` to a release, or removes it, in one step. */
export function switchCurrent(layout: Layout, service: string, hash: string | null): void {
  const link = layout.current(service);
  mkdirSync(dirname(link), { recursive: true });
  if (hash === null) {
    rmSync(link, { force: true });
  } else {
    const draft = `${link}.draft`;
    rmSync(draft, { force: true });
    symlinkSync(join('releases', hash), draft);
    renameSync(draft, link);
  }
  crashPoint('current:switched');
  syncFolder(dirname(link));
}

export function currentHash(layout: Layout, service: string): string | null {
  const link = layout.current(service);
  try {
    if (!lstatSync(link).isSymbolicLink()) return null;
  } catch {
    return null;
  }
  return basename(readlinkSync(link));
}

/** The releases of a service that are on the volume, by hash. Names with a dot are drafts. */
export function releasesOf(layout: Layout, service: string): string[] {
  const folder = layout.releases(service);
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : [];
}

/** All but the newest `keep` releases of a service. Releases in `held` are kept at any age. */
export function formerReleasesOf(
  layout: Layout,
  service: string,
  keep: number,
  held: (string | null)[],
): string[] {
  const byAge = releasesOf(layout, service)
    .map((name) => ({ name, at: statSync(layout.release(service, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  return byAge
    .slice(keep)
    .map(({ name }) => name)
    .filter((name) => !held.includes(name));
}
