import type { Change } from './changes.ts';
import type { Plan } from './plan.ts';

const release = 'haven:index:Release';

/** An image that a server will have, and which of its services need it. */
export interface NewImage {
  reference: string;
  services: string[];
}

/**
 * The images that a server will have after these changes and does not have now, in the order of the services. What a
 * server has follows from the releases that the state lists, less what the agent did not find there. A new server has none.
 */
export function newImages(plan: Pick<Plan, 'releases'>, changes: Change[]): NewImage[] {
  const present = isNewServer(changes) ? new Set<string>() : presentImages(plan, changes);
  const found = new Map<string, NewImage>();
  for (const { service, bundle } of plan.releases) {
    const change = changes.find((each) => each.type === release && serviceOf(each) === service);
    if (change === undefined || change.kind === 'keep') continue;
    for (const reference of Object.values(bundle.release.images)) {
      if (present.has(reference)) continue;
      const image = found.get(reference) ?? { reference, services: [] };
      if (!image.services.includes(service)) image.services.push(service);
      found.set(reference, image);
    }
  }
  return [...found.values()];
}

/** Images that were built of ours, on a server that has some already. */
export const hasBuilt = (plan: Pick<Plan, 'releases'>, changes: Change[]): boolean =>
  !isNewServer(changes) && [...presentImages(plan, changes)].some((each) => each.startsWith('openhaven/'));

const isNewServer = (changes: Change[]): boolean =>
  changes.some(
    ({ type, kind }) => type === 'hcloud:index/server:Server' && (kind === 'create' || kind === 'replace'),
  );

function presentImages(plan: Pick<Plan, 'releases'>, changes: Change[]): Set<string> {
  const releases = changes.filter(({ type, kind }) => type === release && kind !== 'create');
  const missing = new Set(releases.flatMap(({ differs = [] }) => differs.flatMap(missingImage)));
  const listed = releases.flatMap((change) =>
    change.kind === 'keep'
      ? Object.values(
          plan.releases.find(({ service }) => service === serviceOf(change))?.bundle.release.images ?? {},
        )
      : Object.values(imagesIn(change.before)),
  );
  return new Set(listed.filter((each) => !missing.has(each)));
}

/** As the agent says it (`imageProblem` in agent/operations/images.ts). */
const missingImage = (difference: string): string[] =>
  /^its image (\S+) \(missing\)$/.exec(difference)?.slice(1) ?? [];

const serviceOf = ({ name, before, after }: Change): string =>
  String((after ?? before)?.service ?? name.replace(/^release-/, ''));

function imagesIn(inputs: Change['before']): Record<string, string> {
  const summary = (inputs?.summary ?? {}) as { images?: Record<string, string> };
  return summary.images ?? {};
}
