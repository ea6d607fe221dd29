import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { dnsProviderFacts } from '../../components/dns-providers.ts';
import type { HavenConfig } from '../../core/config/config-schema.ts';
import { chosenServices } from '../../core/config/dependencies.ts';
import { loadConfig } from '../../core/config/load-config.ts';
import { asPins, type PinsFile, parsePins, renderPins } from '../../core/config/pins.ts';
import { buildPlan, type Plan } from '../../core/plan/plan.ts';
import { ProblemsError } from '../../core/problem.ts';
import type { ImageRecipe } from '../../core/release/image-recipe.ts';
import { isStub } from '../../core/release/image-references.ts';
import type { Bundle } from '../../core/release/release.ts';
import type { SandboxLink } from '../../core/sandbox-link.ts';
import type { Catalogue } from '../../core/service.ts';
import { generateSshKey, type SshKeyPair } from '../../core/ssh-key.ts';
import { type ImageNeed, imageNeeds, sandboxReferences } from '../../services/image-need.ts';
import { imageRecipe, imagesBelow } from '../../services/image-recipes.ts';
import { imageDigest } from '../../system/image-digest.ts';
import { sandboxCloudFile } from '../../system/sandbox-dir.ts';
import { readText, writeWhole } from '../../system/whole-file.ts';
import { readJson } from '../files/read-json.ts';
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
   * This project goes on with what it read before.
   */
  edit(change: (text: string) => string): void {
    const file = join(this.directory, 'haven.yaml');
    const text = change(readText(file));
    loadConfig(text, this.catalogue, dnsProviderFacts, 'haven.yaml');
    writeWhole(file, text);
  }

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
    const images = chosenServices(this.config, this.catalogue).map(
      (id) => [id, { ...all[id], ...pins.images[id] }] as const,
    );
    return { ...pins, images: { ...pins.images, ...Object.fromEntries(images) } };
  }
  /** Writes down what haven.lock doesn't know yet; upstream's images by the digest that their registry says now. */
  async completePins(): Promise<void> {
    const completed = this.#completedPins;
    for (const id of chosenServices(this.config, this.catalogue)) {
      const images = completed.images[id] ?? {};
      for (const [name, image] of Object.entries(this.catalogue.get(id)?.definition.images ?? {}))
        if ('pull' in image && images[name] === image.pull)
          images[name] = `${image.pull}@${await digestOf(image.pull)}`;
    }
    if (!this.isSandbox) completed.bases = await this.#pinBases(completed.bases ?? {});
    if (renderPins(completed) !== renderPins(this.pins)) this.savePins(completed);
  }
  /** Servers build images of ours on others, which are those that their registries have now. A sandbox makes its own. */
  async #pinBases(known: Record<string, string>): Promise<Record<string, string>> {
    const bases = { ...known };
    for (const name of new Set(this.#built.flatMap(({ build }) => imagesBelow(build))))
      bases[name] ??= await digestOf(name);
    return bases;
  }
  get #built(): (ImageNeed & { build: string })[] {
    return this.imageNeeds.filter((each): each is ImageNeed & { build: string } => each.build !== undefined);
  }
  /** What a real server needs to build the images of what haven.yaml names. */
  async imageRecipes(): Promise<ImageRecipe[]> {
    if (this.isSandbox) return [];
    const { bases = {} } = this.pins;
    return Promise.all(this.#built.map((each) => imageRecipe(each, bases)));
  }
  /** Images of what haven.yaml names that a sandbox can make: those that haven.lock has as they are here. */
  get imageNeeds(): ImageNeed[] {
    const chosen = chosenServices(this.config, this.catalogue);
    const { images } = this.#completedPins;
    const pinned = new Set(chosen.flatMap((id) => Object.values(images[id] ?? {})));
    const needs = imageNeeds(this.catalogue, chosen, this.#pulled);
    return needs.filter(({ reference }) => pinned.has(reference));
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
    return buildPlan(this.config, this.catalogue, asPins(this.#completedPins), this.held);
  }

  /** The keys that exist before the server does, made at their first use. */
  async keys(): Promise<{ sshKey: SshKeyPair; hostKey: SshKeyPair; passphrase: string }> {
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

async function digestOf(image: string): Promise<string> {
  try {
    return await imageDigest(image);
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error ? `${message} (${cause.message})` : message;
    throw new ProblemsError([
      {
        where: image,
        what: `its registry could not be asked which image that is exactly: ${why}. Nothing was changed.`,
        remedy: 'Check your connection, then run the command again.',
      },
    ]);
  }
}

/** Where the command was typed; where there is no cloud, the one that runs in the sandbox on this machine. */
function defaultDirectory(): string {
  const here = process.cwd();
  if (existsSync(join(here, 'haven.yaml')) || !existsSync(sandboxCloudFile)) return here;
  const cloud = readFileSync(sandboxCloudFile, 'utf8').trim();
  const link = existsSync(join(cloud, 'haven.yaml')) ? readSandboxLink(cloud) : undefined;
  if (!link || !isRunning(link)) return here;
  process.stderr.write(`  No haven.yaml here; this is the sandbox cloud in ${cloud}.\n`);
  return cloud;
}
