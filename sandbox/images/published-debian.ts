import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docker } from '../machine/docker.ts';
import { debianMirrors } from './debian-mirror.ts';
import { ensureBase, hasImage } from './images.ts';
import { publishImage } from './publish-image.ts';

export const debianName = 'docker.io/library/debian:trixie-slim';

const stanza = (uri: string, suites: string): string =>
  [
    'Types: deb',
    `URIs: ${uri}`,
    `Suites: ${suites}`,
    'Components: main',
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.pgp',
    '',
  ].join('\n');

/**
 * The sources of Debian's own image: the names of its archive, while those of this machine may name a mirror near it.
 * Without a mirror for security updates they are left out, because apt ends where one of its sources is missing.
 */
export const debianSources = ({ security }: { security?: string }): string =>
  [
    stanza('http://deb.debian.org/debian', 'trixie trixie-updates'),
    ...(security ? [stanza('http://deb.debian.org/debian-security', 'trixie-security')] : []),
  ].join('\n');

/** Publishes Debian's base image at Docker Hub, as servers build on it; answers with its digest. */
export async function publishDebian(): Promise<string> {
  await ensureBase();
  const { stdout: id } = await docker(['image', 'inspect', '-f', '{{.Id}}', 'debian:trixie-slim']);
  const sources = debianSources(debianMirrors());
  const hash = createHash('sha256').update(id).update(sources).digest('hex').slice(0, 12);
  const reference = `openhaven/published-debian:${hash}`;
  if (!(await hasImage(reference))) await build(reference, sources);
  return publishImage(reference, debianName);
}

async function build(reference: string, sources: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'haven-debian-'));
  try {
    writeFileSync(join(folder, 'debian.sources'), sources);
    writeFileSync(
      join(folder, 'Dockerfile'),
      'FROM debian:trixie-slim\nRUN rm -f /etc/apt/sources.list\nCOPY debian.sources /etc/apt/sources.list.d/\n',
    );
    await docker(['build', '-q', '--network', 'none', '-t', reference, folder], {
      env: { ...process.env, DOCKER_BUILDKIT: '0' },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
