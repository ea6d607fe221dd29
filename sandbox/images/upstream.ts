import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../system/run.ts';
import { dockerSocket, tryDocker } from '../machine/docker.ts';
import { buildFolder } from './build-folder.ts';
import { loadGoBuild, makeGoBuild } from './go-build.ts';

/**
 * Some Dockerfiles take files from upstream's image: `ARG UPSTREAM`, `COPY --from=upstream`. On a server that is upstream's
 * own image. In the sandbox, which asks no registry for it, it is an image with the same files under the same paths,
 * made from what upstream releases: Go modules (`go-build.json`), or anything else by a Dockerfile of its own
 * (`upstream.Dockerfile`).
 */
const recipes = ['go-build.json', 'before-go-build', 'upstream.Dockerfile'];

/** The image that brings upstream's files, named by the recipe; undefined where the folder has none. */
export function upstreamReference(folder: string, name: string): string | undefined {
  const files = recipes.map((each) => join(folder, each)).filter((each) => existsSync(each));
  if (files.length === 0) return undefined;
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file)).update('\0');
  return `openhaven/files-of-${name}:${hash.digest('hex').slice(0, 12)}`;
}

/** Makes the image that brings upstream's files. */
export async function makeUpstream(folder: string, reference: string): Promise<void> {
  const build = loadGoBuild(folder);
  if (!build) {
    await buildFolder(reference, folder, { file: 'upstream.Dockerfile' });
    return;
  }
  const out = mkdtempSync(join(tmpdir(), 'haven-upstream-'));
  try {
    await makeGoBuild(build, out, folder);
    const socket = await dockerSocket();
    const command = `set -o pipefail; tar -C "$1" --owner=0 --group=0 -c . | docker -H "unix://${socket}" import - "$2"`;
    await run('bash', ['-c', command, 'import', out, reference], { timeoutMs: 20 * 60_000 });
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** Takes the image away; what was copied from it stays. It is fine if there is none. */
export async function removeUpstream(reference: string): Promise<void> {
  await tryDocker(['image', 'rm', '--force', reference]);
}
