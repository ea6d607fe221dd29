import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where this machine gets Debian from; undefined if it is not a Debian, and mmdebstrap uses its default. */
export function debianMirror(folder = '/etc/apt'): string | undefined {
  const files = [
    join(folder, 'sources.list'),
    ...globSync(`${folder}/sources.list.d/*.{list,sources}`),
  ].filter(existsSync);
  const addresses = files.flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    const lines = text.matchAll(/^(?:URIs:|deb\s+(?:\[[^\]]*\]\s+)?)\s*(\S+)/gm);
    return [...lines].map((match) => match[1]!);
  });
  return addresses.find((each) => /\/debian\/?$/.test(each));
}
