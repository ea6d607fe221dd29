/** The names of Debian's archive that a server asks. */
export const archiveNames = ['deb.debian.org', 'security.debian.org'] as const;
export type ArchiveName = (typeof archiveNames)[number];

/** The mirrors behind the sandbox's archive; without one for security updates it has none. */
export interface Mirrors {
  debian: string;
  security?: string;
}

/** What the archive does with a file. */
export interface ArchiveRoute {
  /** Its address at the mirror. */
  upstream: string;
  /** Where it is kept, below the cache's folder. */
  file: string;
  /**
   * - `forever`: the name says which bytes these are, by version or by hash.
   * - `ask-again`: the index of a suite. It changes under the same name, so its mirror is asked each time.
   * - `never`: anything else. apt does not ask for it where an archive has its files by hash.
   */
  keep: 'forever' | 'ask-again' | 'never';
}

/** Where a request to Debian's archive goes, by the name it was sent to and its path; undefined is "not found". */
export function routeArchiveRequest(name: string, path: string, mirrors: Mirrors): ArchiveRoute | undefined {
  const [, part, rest] = /^\/(debian|debian-security)\/([\w.+~%:/=-]+)$/.exec(path) ?? [];
  if (!part || !rest || !archiveNames.some((each) => each === name)) return undefined;
  if (name === 'security.debian.org' && part === 'debian') return undefined;
  const mirror = part === 'debian' ? mirrors.debian : mirrors.security;
  const plain = decode(rest);
  if (!mirror || plain === undefined) return undefined;
  return { upstream: `${mirror.replace(/\/$/, '')}/${rest}`, file: `${part}/${plain}`, keep: keepOf(plain) };
}

/** The path without percent signs, which apt writes for `+` and `~`; undefined if it would lead out of the archive. */
function decode(path: string): string | undefined {
  let plain: string;
  try {
    plain = decodeURIComponent(path);
  } catch {
    return undefined; // Not a path: a percent sign without its two digits.
  }
  const isSafe = plain.split('/').every((part) => /^[\w+~:=-][\w.+~:=-]*$/.test(part));
  return isSafe ? plain : undefined;
}

function keepOf(path: string): ArchiveRoute['keep'] {
  if (/^pool\/|\/by-hash\/[A-Z0-9]+\/[0-9a-f]+$/.test(path)) return 'forever';
  return /^dists\/.+\/InRelease$/.test(path) ? 'ask-again' : 'never';
}

/**
 * Until when an index counts, in milliseconds. apt refuses it afterwards, so there is no use in serving it
 * (`Valid-Until`, Debian's repository format). Without the field, as in Debian's stable suites, it never ends.
 */
export function validUntil(inRelease: string): number {
  const [, date] = /^Valid-Until: (.+)$/m.exec(inRelease) ?? [];
  return date ? Date.parse(date) : Number.POSITIVE_INFINITY;
}
