import type { Bundle, Release } from '../../core/release/release.ts';
import { RunError, run, tryRun } from '../../system/run.ts';
import type { Layout } from '../store/layout.ts';
import { readEnvironment, writeEnvironment } from './environment.ts';

/** The local id of each image in a release. Images that are not here yet are pulled. */
export async function resolveImages(bundle: Bundle): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const [variable, reference] of Object.entries(bundle.release.images))
    ids[variable] = (await idOf(reference)) ?? (await pull(reference));
  return ids;
}

async function pull(reference: string): Promise<string> {
  const pulled = await tryRun('docker', ['pull', '--quiet', reference], { timeoutMs: 20 * 60_000 });
  if (pulled.code !== 0) {
    const why = pulled.stderr.trim().split('\n').pop();
    throw new Error(`The image ${reference} is not on this server and can't be pulled: ${why}`);
  }
  return (await run('docker', ['image', 'inspect', '--format', '{{.Id}}', reference])).stdout.trim();
}

/** The id of an image that is on this server; undefined where there is none of that name. */
export async function idOf(reference: string): Promise<string | undefined> {
  const found = await tryRun('docker', ['image', 'inspect', '--format', '{{.Id}}', reference]);
  return found.code === 0 ? found.stdout.trim() : undefined;
}

/** Brings the images of a release that is on this server again, where Docker no longer has them by their ids. */
export async function bringImages(layout: Layout, bundle: Bundle, folder: string): Promise<void> {
  const known = readEnvironment(folder);
  const ids: Record<string, string> = {};
  for (const [variable, reference] of Object.entries(bundle.release.images)) {
    const id = known[variable] && (await idOf(known[variable]));
    ids[variable] = id || (await idOf(reference)) || (await pull(reference));
  }
  if (Object.entries(ids).some(([variable, id]) => known[variable] !== id))
    writeEnvironment(layout, bundle, folder, ids);
}

/**
 * Gives the images of a release their names again. No container has to change for that: they run an image by its id. The
 * next release looks for the name.
 */
export async function nameImages({ release }: Bundle, folder: string): Promise<void> {
  const known = readEnvironment(folder);
  for (const [variable, reference] of Object.entries(release.images))
    if (!(await idOf(reference))) await giveName(known[variable]!, reference);
}

/** A name with a digest can't be given, only pulled (docker-image-tag(1)). */
async function giveName(id: string, reference: string): Promise<void> {
  if (reference.includes('@')) await pull(reference);
  else await run('docker', ['image', 'tag', id, reference]);
}

/** A release that is on this server, and its folder. */
export interface StoredRelease {
  release: Release;
  folder: string;
}

/**
 * Which images of these releases Docker no longer has, for people to read, by service. A release runs its images by the
 * id that was found when it was deployed; their names are what the next release looks for.
 */
export async function lookAtImages(releases: StoredRelease[]): Promise<Map<string, string[]>> {
  const asked = releases.map(({ release, folder }) => {
    const known = readEnvironment(folder);
    const images = Object.entries(release.images).map(([variable, reference]) => ({
      reference,
      id: known[variable],
    }));
    return { service: release.service, images };
  });
  const names = asked.flatMap(({ images }) =>
    images.flatMap(({ reference, id }) => [reference, id ?? []].flat()),
  );
  const missing = await missingImages([...new Set(names)]);
  return new Map(
    asked.map(({ service, images }) => [
      service,
      images.flatMap((each) => imageProblem(each, missing) ?? []),
    ]),
  );
}

/** What is wrong with an image, by what Docker does not find; undefined when nothing is. */
export function imageProblem(
  { reference, id }: { reference: string; id: string | undefined },
  missing: Set<string>,
): string | undefined {
  if (id === undefined || missing.has(id)) return `its image ${reference} (missing)`;
  return missing.has(reference) ? `its image ${reference} (without its name)` : undefined;
}

/** Asks Docker for all of them in one command, which goes on after one that it does not find. */
async function missingImages(names: string[]): Promise<Set<string>> {
  if (names.length === 0) return new Set();
  const asked = await tryRun('docker', ['image', 'inspect', '--format', '{{.Id}}', ...names]);
  const missing = parseMissing(asked.stderr);
  const found = asked.stdout.split('\n').filter(Boolean).length;
  // Whatever else went wrong, such as a Docker that does not answer.
  const isWhole = found + missing.size === names.length && [...missing].every((each) => names.includes(each));
  if (!isWhole) throw new RunError('docker image inspect', asked);
  return missing;
}

/** Docker names each image that it does not have in a line of its own. */
export const parseMissing = (stderr: string): Set<string> =>
  new Set([...stderr.matchAll(/No such image: (\S+)/g)].map(([, name]) => name!));
