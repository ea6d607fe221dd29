import { sandboxState, setNewServers } from '../../sandbox/control.ts';
import { publishUpstream } from '../../sandbox/images/publish-upstream.ts';
import { debianName, publishDebian } from '../../sandbox/images/published-debian.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { imageNeeds } from '../../services/image-need.ts';

/** Images as a server without any gets them: what it pulls of registries, and what it builds on them. */
export interface PublishedImages {
  /** The digests of what is pulled, by name and tag. */
  digests: [name: string, digest: string][];
  /** The images that are built of them, by reference. */
  built: string[];
}

/** Publishes what the images of these services are built on. This machine has built the images itself already. */
export async function publishImages(services: string[]): Promise<PublishedImages> {
  const digests = new Map([[debianName, await publishDebian()]]);
  const needs = imageNeeds(await loadCatalogue(), services, {});
  for (const { build, reference } of needs) {
    const upstream = await publishUpstream(build!, reference);
    if (upstream) digests.set(upstream.name, upstream.digest);
  }
  return { digests: [...digests].sort(), built: needs.map(({ reference }) => reference).sort() };
}

/** Servers that are bought from now on are as a data centre delivers them, without any image. */
export class EmptyServers {
  readonly #before: Set<number>;

  private constructor(before: Set<number>) {
    this.#before = before;
  }

  static async begin(): Promise<EmptyServers> {
    await setNewServers({ areEmpty: true });
    return new EmptyServers(new Set((await sandboxState()).hetzner.servers.map(({ id }) => id)));
  }

  /** The machine of the first that was bought since; undefined while there is none. */
  async machine(): Promise<string | undefined> {
    const { servers } = (await sandboxState()).hetzner;
    const bought = servers.find(({ id }) => !this.#before.has(id));
    return bought && `server-${bought.id}`;
  }

  end(): Promise<void> {
    return setNewServers({ areEmpty: false });
  }
}

/** The images on a machine that were built there, by reference. */
export async function imagesBuiltOn(machine: string): Promise<string[]> {
  const list = ['docker', 'image', 'ls', '--format', '{{.Repository}}:{{.Tag}}'];
  const { stdout } = await onMachine(machine, list);
  return stdout
    .trim()
    .split('\n')
    .filter((each) => each.startsWith('openhaven/'))
    .sort();
}
