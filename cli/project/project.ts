import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { dnsProviderFacts } from '../../components/dns-providers.ts';
import type { HavenConfig } from '../../core/config/config-schema.ts';
import { chosenServices } from '../../core/config/dependencies.ts';
import { loadConfig } from '../../core/config/load-config.ts';
import { asPins, onlyAnswered, type PinsFile, parsePins, renderPins } from '../../core/config/pins.ts';
import { hetznerTypes } from '../../core/config/server-types.ts';
import { type KeptTexts, textKinds } from '../../core/mail/existing-texts.ts';
import type { Change } from '../../core/plan/changes.ts';
import { hasBuilt, type NewImage, newImages } from '../../core/plan/new-images.ts';
import { buildPlan, type Plan } from '../../core/plan/plan.ts';
import { planMail, planSending } from '../../core/plan/plan-mail.ts';
import { type ImageDownloads, type ShownImages, showImages } from '../../core/plan/shown-images.ts';
import { type Problem, ProblemsError } from '../../core/problem.ts';
import { baseImage, type ImageRecipe, shortName } from '../../core/release/image-recipe.ts';
import { isBuiltFrom, isStub } from '../../core/release/image-references.ts';
import type { Bundle } from '../../core/release/release.ts';
import type { SandboxLink } from '../../core/sandbox-link.ts';
import type { Catalogue, PlannedMail, Sending } from '../../core/service.ts';
import { generateSshKey, type SshKeyPair } from '../../core/ssh-key.ts';
import { type ImageNeed, imageNeeds, sandboxReferences } from '../../services/image-need.ts';
import { imageRecipe, imagesBelow } from '../../services/image-recipes.ts';
import { problemsAtUpstream } from '../../services/upstream-images.ts';
import { newAccountKey } from '../../stacks/acme-account.ts';
import { parseImageName } from '../../system/registry.ts';
import { sandboxCloudFile } from '../../system/sandbox-dir.ts';
import { readText, writeWhole } from '../../system/whole-file.ts';
import { readJson } from '../files/read-json.ts';
import { knownDkimKeys, newSelector } from './dkim-keys.ts';
import { ImageLookups, type WantedImage } from './image-lookups.ts';
import { loadProjectCatalogue } from './project-catalogue.ts';
import { enterSandbox, isRunning, readSandboxLink, sandboxImages } from './sandbox-link.ts';
import { SecretStore } from './secret-store.ts';

/** An owner's directory: haven.yaml, haven.lock, secrets.age, held releases, and `.haven` with the state. */
export class Project {
  readonly directory: string;
  readonly config: HavenConfig;
  readonly catalogue: Catalogue;
  readonly secrets: SecretStore;
  /** The sandbox of this machine that it belongs to; undefined for a real cloud. */
  readonly sandbox: SandboxLink | undefined;
  readonly #lookups: ImageLookups;
  /** What this run learnt of registries: upstream's images by name and tag, with their digests. */
  readonly #exact = new Map<string, string>();
  readonly #bases: Record<string, string> = {};
  /** What this run learnt of the owner's own texts, by kind and name. */
  readonly #texts: KeptTexts = { spf: new Map(), dmarc: new Map() };

  private constructor(
    directory: string,
    config: HavenConfig,
    catalogue: Catalogue,
    secrets: SecretStore,
    sandbox: SandboxLink | undefined,
  ) {
    this.directory = directory;
    this.sandbox = sandbox;
    this.config = config;
    this.catalogue = catalogue;
    this.secrets = secrets;
    const isArm = hetznerTypes[config.server.type]?.architecture === 'arm';
    this.#lookups = new ImageLookups(isArm ? 'arm64' : 'amd64');
  }

  static async open(directory = process.env.HAVEN_DIRECTORY ?? defaultDirectory()): Promise<Project> {
    const full = resolve(directory);
    const file = join(full, 'haven.yaml');
    assertFolder(full);
    if (!existsSync(file)) {
      throw new ProblemsError([
        {
          where: full,
          what: 'there is no haven.yaml here.',
          remedy: 'Run: haven init   (or go to the directory of your cloud)',
        },
      ]);
    }
    const sandbox = enterSandbox(full);
    const text = readText(file);
    const catalogue = await loadProjectCatalogue(full, text);
    const name = file.replace(`${process.cwd()}/`, '');
    const config = loadConfig(text, catalogue, dnsProviderFacts, name);
    assertSameId(full, config.id);
    return new Project(full, config, catalogue, await SecretStore.open(full, config.id), sandbox);
  }

  /**
   * Changes the text of haven.yaml; what comes out is checked before it is written, and written whole or not at all.
   * So is haven.lock, which every change needs next. This project goes on with what it read before.
   */
  edit(change: (text: string) => string): void {
    void this.pins;
    const file = join(this.directory, 'haven.yaml');
    const text = change(readText(file));
    loadConfig(text, this.catalogue, dnsProviderFacts, 'haven.yaml');
    writeWhole(file, text);
  }

  /** Then the sandbox makes the images and brings them to servers. Real servers get them themselves. */
  get isSandbox(): boolean {
    return this.sandbox !== undefined;
  }

  get stateFolder(): string {
    const folder = join(this.directory, '.haven', 'state');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  get pins(): PinsFile {
    const file = join(this.directory, 'haven.lock');
    return existsSync(file) ? parsePins(readText(file)) : { version: 2, images: {} };
  }
  savePins(pins: PinsFile): void {
    writeWhole(join(this.directory, 'haven.lock'), renderPins(pins));
  }

  /** What a sandbox has for upstream's images, by name and tag. */
  get #pulled(): Record<string, string> {
    return this.sandbox ? sandboxImages(this.sandbox) : {};
  }
  /** haven.lock with the images of services that are not in it yet. Existing entries are left unchanged. */
  get #completedPins(): PinsFile {
    const { pins } = this;
    const all = sandboxReferences(this.catalogue, this.#pulled);
    const images = chosenServices(this.config, this.catalogue).map((id) => {
      const named = Object.entries({ ...all[id], ...pins.images[id] });
      const exact = named.map(([name, image]) => [name, this.#exact.get(image) ?? image] as const);
      return [id, Object.fromEntries(exact) as Record<string, string>] as const;
    });
    const bases = { ...this.#bases, ...pins.bases };
    const dkim = knownDkimKeys(this.secrets, pins.dkim ?? {}, this.#mail);
    const spf = { ...pins.spf, ...Object.fromEntries(this.#texts.spf) };
    const dmarc = { ...pins.dmarc, ...Object.fromEntries(this.#texts.dmarc) };
    return {
      ...pins,
      images: { ...pins.images, ...Object.fromEntries(images) },
      ...(Object.keys(bases).length > 0 ? { bases } : {}),
      ...(Object.keys(dkim).length > 0 ? { dkim } : {}),
      ...(Object.keys(spf).length > 0 ? { spf } : {}),
      ...(Object.keys(dmarc).length > 0 ? { dmarc } : {}),
    };
  }
  get #mail(): PlannedMail | undefined {
    return planMail(this.config, this.catalogue, chosenServices(this.config, this.catalogue), this.pins);
  }
  /** The account with which this cloud sends its email; undefined if it sends none. */
  get sending(): Sending | undefined {
    return planSending(this.config, this.#mail);
  }
  /**
   * Takes in what the owner's own texts say, SPF and DMARC, by name: ours take their place, and go on saying that. Part of
   * this run's plan, as what registries answer.
   */
  takeInTexts(kept: KeptTexts): void {
    for (const kind of ['spf', 'dmarc'] as const)
      for (const [name, theirs] of kept[kind]) {
        this.#texts[kind].set(name, textKinds[kind].join(this.pins[kind]?.[name] ?? [], theirs));
      }
  }
  /**
   * Throws if a service uses what upstream's image does not have: only its start on the server would show that, or a hook
   * when it runs for the first time.
   */
  assertUpstreamHasIt(): void {
    const problems = this.plan()
      .releases.filter(({ held }) => !held)
      .flatMap(({ service, bundle }) =>
        problemsAtUpstream(this.catalogue.get(service)!.definition, bundle).map((what) => ({
          where: `service ${service}`,
          what: `${what} Nothing was changed.`,
          remedy: `Change it in ${join(this.catalogue.get(service)!.folder, 'compose.yaml')} or its files, then run the command again.`,
        })),
      );
    if (problems.length > 0) throw new ProblemsError(problems);
  }
  /**
   * Asks registries which images those are that haven.lock has no digest of yet: upstream's, and on a real server those
   * that ours are built on. The answers are part of this run's plan; {@link keepPins} writes them down. Throws
   * {@link ImagesNotFound} with every image that is not available within `timeoutMs`.
   */
  async lookUpPins(timeoutMs?: number): Promise<void> {
    const { images, bases = {} } = this.#completedPins;
    const pulled = chosenServices(this.config, this.catalogue).flatMap((id) =>
      Object.entries(this.catalogue.get(id)?.definition.images ?? {}).flatMap(([name, image]) =>
        'pull' in image && images[id]?.[name] === image.pull ? [{ image: image.pull, services: [id] }] : [],
      ),
    );
    const below = this.isSandbox ? [] : this.#below.filter(({ image }) => !bases[image]);
    const found = await this.#lookups.find(eachOnce([...pulled, ...below]), timeoutMs);
    for (const { image } of pulled) this.#exact.set(image, `${image}@${found.get(image)!.digest}`);
    for (const { image } of below) this.#bases[image] = found.get(image)!.digest;
  }
  /** Writes down what this run's plan was made with. Only what the owner agreed to may come here. */
  keepPins(): void {
    const completed = this.#completedPins;
    if (renderPins(completed) !== renderPins(this.pins)) this.savePins(completed);
  }
  /**
   * Writes down only what registries answered. An image that we build is named by its folder, which the next version of
   * OpenHaven may change: `up` writes its name down when it is built.
   */
  keepDigests(): void {
    const { pins } = this;
    const answered = onlyAnswered(this.#completedPins, pins, new Set(this.#exact.values()));
    if (renderPins(answered) !== renderPins(pins)) this.savePins(answered);
  }
  /** The images that a server gets by these changes, with the sizes that registries tell. A sandbox brings its own. */
  async newImages(plan: Plan, changes: Change[]): Promise<ShownImages | undefined> {
    if (this.isSandbox) return undefined;
    const built = new Map(this.#built.map((each) => [each.reference, each]));
    const { bases = {} } = this.#completedPins;
    const wantedImages = newImages(plan, changes);
    const lost = wantedImages.filter(({ reference }) => isOurs(reference) && !built.has(reference));
    if (lost.length > 0) throw new ProblemsError(lost.map((each) => lostImage(each, Object.keys(this.held))));
    const images = wantedImages.map(({ reference, services }) => {
      const need = built.get(reference);
      const names = need
        ? imagesBelow(need.build)
            .map((image) => `${image}@${bases[image]}`)
            .reverse()
        : [reference];
      return { name: need?.name ?? nameOf(reference), services, isBuilt: need !== undefined, names };
    });
    const wanted = images.flatMap(({ names, services }) => names.map((image) => ({ image, services })));
    const found = await this.#lookups.find(eachOnce(wanted));
    const shown = images.map(({ names, ...image }): ImageDownloads => {
      const downloads = names.map((name) => ({ image: name.replace(/@.*$/, ''), ...found.get(name)! }));
      return { ...image, downloads };
    });
    return showImages(shown, new Set(hasBuilt(plan, changes) ? [baseImage] : []));
  }
  /** What the images of ours are built on, and for which services. */
  get #below(): WantedImage[] {
    const pinned = Object.entries(this.#completedPins.images);
    return this.#built.flatMap(({ reference, build }) => {
      const services = pinned.flatMap(([id, images]) =>
        Object.values(images).includes(reference) ? [id] : [],
      );
      return imagesBelow(build).map((image) => ({ image, services }));
    });
  }
  get #built(): (ImageNeed & { build: string })[] {
    return this.imageNeeds.filter((each): each is ImageNeed & { build: string } => each.build !== undefined);
  }
  /** What a real server needs to build the images of what haven.yaml names. */
  async imageRecipes(): Promise<ImageRecipe[]> {
    if (this.isSandbox) return [];
    const { bases = {} } = this.#completedPins;
    return Promise.all(this.#built.map((each) => imageRecipe(each, bases)));
  }
  /** Images of what haven.yaml names that a sandbox can make: those that haven.lock has as they are here. */
  get imageNeeds(): ImageNeed[] {
    const chosen = chosenServices(this.config, this.catalogue);
    const { images } = this.#completedPins;
    const pinned = new Set(chosen.flatMap((id) => Object.values(images[id] ?? {})));
    const options = Object.fromEntries(chosen.map((id) => [id, this.config.services[id]?.options ?? {}]));
    const needs = imageNeeds(this.catalogue, chosen, this.#pulled, options);
    return needs.filter(({ reference }) => pinned.has(reference));
  }
  /** Chosen services for which the sandbox built the program itself, because it reached no registry. */
  get builtHere(): string[] {
    return chosenServices(this.config, this.catalogue).filter((id) =>
      Object.entries(this.catalogue.get(id)?.definition.images ?? {}).some(([name, image]) => {
        const reference = this.#completedPins.images[id]?.[name] ?? '';
        return 'pull' in image && isBuiltFrom(reference, image.replacement) && !isStub(reference);
      }),
    );
  }
  /** Chosen services that run as a stub here. */
  get stubs(): string[] {
    return Object.entries(this.#completedPins.images)
      .filter(([, images]) => Object.values(images).some(isStub))
      .map(([id]) => id);
  }

  /** Releases that `haven rollback` holds, by service. */
  get held(): Record<string, Bundle> {
    const folder = join(this.directory, 'held');
    if (!existsSync(folder)) return {};
    return Object.fromEntries(
      readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .map((name) => [name.slice(0, -5), readHeld(join(folder, name))]),
    );
  }

  plan(): Plan {
    const pins = { ...asPins(this.#completedPins), newSelector: newSelector() };
    return buildPlan(this.config, this.catalogue, pins, this.held);
  }

  /** The keys that exist before the server does. `haven init` makes them; where it did not, their first use does. */
  async keys(): Promise<{
    sshKey: SshKeyPair;
    hostKey: SshKeyPair;
    passphrase: string;
    acmeAccountKey: string;
  }> {
    const pair = async (name: string): Promise<SshKeyPair> => {
      const made = await this.secrets.ensure(name, () =>
        JSON.stringify(generateSshKey(`haven ${this.config.id}`)),
      );
      return JSON.parse(made) as SshKeyPair;
    };
    return {
      sshKey: await pair('ssh-key'),
      hostKey: await pair('host-key-a'),
      passphrase: await this.secrets.ensure('pulumi-passphrase', () => randomBytes(32).toString('base64url')),
      acmeAccountKey: await this.secrets.ensure('acme-account-key', newAccountKey),
    };
  }
}

/** A release that a rollback holds. What is in it was rendered by haven. */
function readHeld(file: string): Bundle {
  const shape = z.looseObject({ release: z.looseObject({}) });
  const remedy =
    'Restore it from your repository. Without a copy, delete it: the next "haven up" brings the current release.';
  return readJson(file, shape, remedy) as unknown as Bundle;
}

function assertFolder(path: string): void {
  if (!existsSync(path) || statSync(path).isDirectory()) return;
  const remedy =
    'Go to the directory of your cloud, or name it in HAVEN_DIRECTORY. Then run the command again.';
  throw new ProblemsError([{ where: path, what: 'is a file, not a directory.', remedy }]);
}

/** An id that was changed would make another cloud beside the one whose state is here. */
function assertSameId(directory: string, id: string): void {
  const states = join(directory, '.haven', 'state', '.pulumi', 'stacks', 'openhaven');
  const ids = existsSync(states)
    ? readdirSync(states).flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -5)] : []))
    : [];
  const [former] = ids;
  if (former === undefined || ids.includes(id)) return;
  throw new ProblemsError([
    {
      where: join(directory, 'haven.yaml'),
      what: `id is "${id}", but this directory belongs to the cloud "${former}". Nothing was changed.`,
      remedy: `Set "id: ${former}" again. For another cloud, use another directory.`,
    },
  ]);
}

/** Each image once, for all services that need it. */
function eachOnce(wanted: WantedImage[]): WantedImage[] {
  const once = new Map<string, WantedImage>();
  for (const { image, services } of wanted)
    once.set(image, { image, services: [...new Set([...(once.get(image)?.services ?? []), ...services])] });
  return [...once.values()];
}

const isOurs = (reference: string): boolean => reference.startsWith('openhaven/');

/** An image that the server lost, or never had, and that another version of haven built. */
const lostImage = ({ reference, services }: NewImage, held: string[]): Problem => ({
  where: `image ${shortName(reference)} (${services.join(', ')})`,
  what: `another version of OpenHaven built the one that is wanted (${reference}), and the server does not have it. Nothing was changed.`,
  remedy: services
    .map((each) =>
      held.includes(each)
        ? `To end the rollback, run: haven rollback ${each} --undo`
        : `Remove "${each}" from the images in haven.lock, then run the command again.`,
    )
    .join(' '),
});

/** The short name of upstream's image: `docker.io/vaultwarden/server:1.37.3` is `vaultwarden/server`. */
const nameOf = (reference: string): string => parseImageName(reference).name.replace(/^library\//, '');

/** Where the command was typed; where there is no cloud, the one that runs in the sandbox on this machine. */
export function defaultDirectory(): string {
  const here = process.cwd();
  if (existsSync(join(here, 'haven.yaml')) || !existsSync(sandboxCloudFile)) return here;
  const cloud = readFileSync(sandboxCloudFile, 'utf8').trim();
  const link = existsSync(join(cloud, 'haven.yaml')) ? readSandboxLink(cloud) : undefined;
  if (!link || !isRunning(link)) return here;
  process.stderr.write(`  No haven.yaml here; this is the sandbox cloud in ${cloud}.\n`);
  return cloud;
}
