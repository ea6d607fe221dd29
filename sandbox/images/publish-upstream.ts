import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { upstreamOf } from '../../core/release/image-recipe.ts';
import { projectRoot } from '../../system/project-root.ts';
import { docker } from '../machine/docker.ts';
import { publishImage } from './publish-image.ts';

/** What our Dockerfiles add to a folder of upstream's: a build that adds it must do so itself. */
const added = ['/opt/keycloak/baked'];

/**
 * Publishes what a Dockerfile of ours takes from upstream's image, under the name of that image: the same files under the
 * same paths, out of the image that this machine has built with them. Keycloak's are those that its own build has changed;
 * built once more they are the same. Answers with its name and digest; undefined for a folder that takes nothing.
 */
export async function publishUpstream(
  build: string,
  built: string,
): Promise<{ name: string; digest: string } | undefined> {
  const dockerfile = readFileSync(join(projectRoot, build, 'Dockerfile'), 'utf8');
  const name = upstreamOf(dockerfile);
  if (name === undefined) return undefined;
  const image = `openhaven/published-files-of:${build.replace(/^.*\//, '')}`;
  const folder = mkdtempSync(join(tmpdir(), 'haven-upstream-'));
  try {
    writeFileSync(join(folder, 'Dockerfile'), upstreamDockerfile(dockerfile, built));
    await docker(['build', '-q', '-t', image, folder], { env: { ...process.env, DOCKER_BUILDKIT: '0' } });
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { name, digest: await publishImage(image, name) };
}

/** Copies everything back to where the Dockerfile takes it from, without what was added to it. */
export function upstreamDockerfile(dockerfile: string, built: string): string {
  const files = [...dockerfile.matchAll(/^COPY --from=upstream (\S+) (\S+)$/gm)];
  const copies = files.map(([, there, here]) => `COPY --from=built ${here} ${there}`);
  const left = added.filter((path) => files.some(([, , here = '']) => path.startsWith(`${here}/`)));
  const removal = left.length > 0 ? ['USER 0', `RUN rm -rf ${left.join(' ')}`] : [];
  return `${[`FROM ${built} AS built`, ...removal, 'FROM scratch', ...copies].join('\n')}\n`;
}
