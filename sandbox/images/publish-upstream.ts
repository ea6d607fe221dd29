import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { upstreamOf } from '../../core/release/image-recipe.ts';
import { projectRoot } from '../../system/project-root.ts';
import { docker } from '../machine/docker.ts';
import { publishImage } from './publish-image.ts';

/**
 * Publishes what a Dockerfile of ours takes from upstream's image, under the name of that image: the same files under the
 * same paths, out of the image that this machine has built with them. Answers with its name and digest; undefined for a
 * folder that takes nothing.
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

/** Copies everything back to where the Dockerfile takes it from. */
export function upstreamDockerfile(dockerfile: string, built: string): string {
  const copies = [...dockerfile.matchAll(/^COPY --from=upstream (\S+) (\S+)$/gm)].map(
    ([, there, here]) => `COPY --from=built ${here} ${there}`,
  );
  return `${[`FROM ${built} AS built`, 'FROM scratch', ...copies].join('\n')}\n`;
}
