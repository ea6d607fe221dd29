import { type Problem, ProblemsError } from '../../core/problem.ts';
import { networkFault } from '../../system/network-fault.ts';
import {
  type Architecture,
  lookUpImage,
  parseImageName,
  type RegistryImage,
  RegistryRefusal,
} from '../../system/registry.ts';

/** How registries are asked. Tests of commands put a stub here. */
export const registries = { ask: lookUpImage };

/** An image at a registry, by name and tag or by digest, and which services need it. */
export interface WantedImage {
  image: string;
  services: string[];
}

/** Images that are not available at their registries now. */
export class ImagesNotFound extends ProblemsError {}

/**
 * What registries say about images. Each is asked for once in a run: the digest that is pinned and the size that a plan
 * shows are one answer.
 */
export class ImageLookups {
  readonly #architecture: Architecture;
  readonly #answers = new Map<string, Promise<RegistryImage>>();

  constructor(architecture: Architecture) {
    this.#architecture = architecture;
  }

  /**
   * Asks for all of them at once, for `timeoutMs` at most. Throws {@link ImagesNotFound} with a sentence for each image
   * that is not available.
   */
  async find(wanted: WantedImage[], timeoutMs?: number): Promise<Map<string, RegistryImage>> {
    const answers = await Promise.allSettled(wanted.map(({ image }) => this.#ask(image, timeoutMs)));
    const problems: Problem[] = [];
    const found = new Map<string, RegistryImage>();
    let isAway = true;
    for (const [index, answer] of answers.entries()) {
      const { image, services } = wanted[index]!;
      if (answer.status === 'fulfilled') {
        found.set(image, answer.value);
        continue;
      }
      const { reason } = answer as { reason: unknown };
      if (!(reason instanceof Error)) throw reason;
      isAway &&= networkFault(reason) !== undefined;
      problems.push(problemOf(image, services, reason));
    }
    if (problems.length > 0) throw new ImagesNotFound(problems, isAway ? 'unreachable' : 'failed');
    return found;
  }

  /** What was found under a tag is also known by its digest. */
  #ask(image: string, timeoutMs?: number): Promise<RegistryImage> {
    const known = this.#answers.get(image);
    if (known) return known;
    const asked = registries.ask(image, this.#architecture, timeoutMs);
    this.#answers.set(image, asked);
    asked.then(
      ({ digest }) => this.#answers.set(`${image.replace(/@.*$/, '')}@${digest}`, asked),
      () => undefined,
    );
    return asked;
  }
}

/** What owners know a registry by. */
const registryName = (host: string): string => (host === 'docker.io' ? 'Docker Hub' : host);

const again = 'then run the command again.';

/** One sentence: which image, of which services, at which registry, and what to do. */
function problemOf(image: string, services: string[], reason: Error): Problem {
  const { host, name, tag, digest } = parseImageName(image);
  const registry = registryName(host);
  const problem = (what: string, remedy: string): Problem => ({
    where: `image ${name}:${tag} (${services.join(', ')})`,
    what: `${what}. Nothing was changed.`,
    remedy,
  });
  const away = networkFault(reason, registry);
  if (away) return problem(`${registry} ${away.replace(/\.$/, '')}`, `Check your connection, ${again}`);
  if (!(reason instanceof RegistryRefusal))
    return problem(
      `${registry} sent an answer that is not one of a registry`,
      `Check your connection, ${again}`,
    );
  const [service] = services.length === 1 ? services : [];
  const update = `Update OpenHaven, ${again}${service ? ` To go on without it, run: haven service remove ${service}` : ''}`;
  switch (reason.status) {
    case undefined:
      return problem(
        `${registry} does not have it for the processor of this server`,
        'Choose another server.type in haven.yaml: those that begin with "cx" run every image.',
      );
    case 404:
      return digest
        ? problem(
            `${registry} no longer has the image that haven.lock names (${digest.slice(0, 19)})`,
            `Remove its line from haven.lock, ${again}`,
          )
        : problem(`${registry} does not have it`, update);
    case 401:
    case 403:
      return problem(`${registry} does not give it to the public`, update);
    case 429:
      return problem(
        `${registry} accepts no more requests from your address for now (429)`,
        `Wait for an hour, or use another internet connection, ${again}`,
      );
    default:
      return problem(
        `${registry} answers with an error (${reason.status})`,
        `Wait for a few minutes, ${again}`,
      );
  }
}
