import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Bundle, toEnvName } from '../core/release/release.ts';
import { type UpstreamImage, upstreamImageSchema } from '../core/release/upstream-image.ts';
import { upstreamProblems } from '../core/release/upstream-problems.ts';
import type { ServiceDefinition } from '../core/service.ts';
import { projectRoot } from '../system/project-root.ts';

/** What upstream's image has, by the folder that replaces it; undefined where the folder does not say so. */
export function loadUpstreamImage(folder: string): UpstreamImage | undefined {
  const file = join(resolve(projectRoot, folder), 'upstream.json');
  if (!existsSync(file)) return undefined;
  const read = upstreamImageSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new Error(`${file}: ${issue?.path.join('.')}: ${issue?.message}`);
}

/** What a service's release uses of upstream's images although they do not have it. */
export function problemsAtUpstream({ images }: ServiceDefinition, bundle: Bundle): string[] {
  const upstream = Object.entries(images).flatMap(([name, image]) => {
    const facts = 'pull' in image ? loadUpstreamImage(image.replacement) : undefined;
    return facts ? [[`IMAGE_${toEnvName(name)}`, facts] as const] : [];
  });
  return upstream.length === 0 ? [] : upstreamProblems(bundle, new Map(upstream));
}
