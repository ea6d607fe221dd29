import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where this machine gets Debian from; undefined if it is not a Debian, and mmdebstrap uses its default. */
export function debianMirror(folder = '/etc/apt'): string | undefined {
  return sources(folder).find((each) => /\/debian\/?$/.test(each));
}

/**
 * The mirrors of Debian and of its security updates that this machine's apt uses; Debian's own where this is not a Debian.
 * Where its sources have no security updates there is no mirror for them.
 */
export function debianMirrors(folder = '/etc/apt'): { debian: string; security?: string } {
  const debian = debianMirror(folder);
  const official = 'http://deb.debian.org';
  if (!debian) return { debian: `${official}/debian`, security: `${official}/debian-security` };
  const security = sources(folder).find((each) => /\/debian-security\/?$/.test(each));
  return { debian, ...(security ? { security } : {}) };
}

/** The addresses in this machine's apt sources. */
function sources(folder: string): string[] {
  const files = [
    join(folder, 'sources.list'),
    ...globSync(`${folder}/sources.list.d/*.{list,sources}`),
  ].filter(existsSync);
  return files.flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    const lines = text.matchAll(/^(?:URIs:|deb\s+(?:\[[^\]]*\]\s+)?)\s*(\S+)/gm);
    return [...lines].map((match) => match[1]!);
  });
}
