import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as automation from '@pulumi/pulumi/automation/index.js';
import semver from 'semver';
import { type AdoptedResource, adoptIntoState } from './adopt.ts';
import { collect, type EngineEvent, type EngineResult, isOurs, nameOf, readable } from './engine-events.ts';
import { createFinder } from './finder.ts';
import { createHaven, type HavenProgramArgs } from './haven.ts';
import { type Deployment, type StateResource, settlePending } from './pending.ts';
import { type ExportedState, findStateFile, isFolder, readStateFile } from './state-file.ts';

/** What the engine needs to run for one haven. Only this file uses the Automation API. */
export interface EngineSettings {
  /** Folder that holds `bin/pulumi`, of this version. */
  engineRoot: string;
  engineVersion: string;
  havenId: string;
  /** Where the state lies: `file:///...` or `s3://...`. */
  backend: string;
  pulumiHome: string;
  /** File that holds the state's passphrase. */
  passphraseFile: string;
  runFolder: string;
  /** Environment for the providers: tokens, endpoints. */
  environment: Record<string, string>;
  /** Folder with emulators of the official plugins; without it the engine brings the plugins themselves. */
  emulatedPlugins: string | undefined;
  /** Providers that listen already, by their package: the engine attaches to them instead of starting a process each. */
  listening: Record<string, number>;
}

const project = 'openhaven';
const ours = fileURLToPath(new URL('../components/provider/bin', import.meta.url));

export class Engine {
  readonly #stack: automation.Stack;
  readonly #settings: EngineSettings;
  /** Has a preview read everything back, and found it as the state says? Until something is changed. */
  #isVerified = false;

  private constructor(stack: automation.Stack, settings: EngineSettings) {
    this.#stack = stack;
    this.#settings = settings;
  }

  /** `args` are asked for when the program runs: what is learnt between a preview and `up` counts. */
  static async open(settings: EngineSettings, args: () => HavenProgramArgs): Promise<Engine> {
    const pulumiCommand = commandOf(settings);
    const plugins = settings.emulatedPlugins ? [ours, settings.emulatedPlugins] : [ours];
    const workDir = join(settings.runFolder, 'workspace');
    mkdirSync(workDir, { recursive: true });
    const workspace = await automation.LocalWorkspace.create({
      workDir,
      program: () => createHaven(args()),
      pulumiCommand,
      pulumiHome: settings.pulumiHome,
      projectSettings: { name: project, runtime: 'nodejs', backend: { url: settings.backend } },
      secretsProvider: 'passphrase',
      envVars: {
        ...settings.environment,
        PATH: [...plugins, process.env.PATH].join(':'),
        HAVEN_NODE: process.execPath,
        HAVEN_RUN: settings.runFolder,
        PULUMI_DEBUG_PROVIDERS: Object.entries(settings.listening)
          .map(([name, port]) => `${name}:${port}`)
          .join(','),
        PULUMI_BACKEND_URL: settings.backend,
        PULUMI_CONFIG_PASSPHRASE_FILE: settings.passphraseFile,
        PULUMI_SKIP_UPDATE_CHECK: 'true',
        PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: 'true',
        ...(settings.emulatedPlugins ? { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true' } : {}),
      },
    });
    const stack = await openStack(settings, workspace);
    // After each run the Automation API asks the engine three times for what its events have told already.
    workspace.stackOutputs = async () => ({});
    stack.info = async () => undefined;
    return new Engine(stack, settings);
  }

  /** Takes in what an interrupted run made, and forgets what it didn't. Nothing to do after a run that ended. */
  async recover(): Promise<{ adopted: string[]; forgotten: string[] }> {
    if (!this.#mayBePending()) return { adopted: [], forgotten: [] };
    const exported = await this.#exportStack();
    const deployment = exported.deployment as Deployment | null;
    if (!deployment?.pending_operations?.length) return { adopted: [], forgotten: [] };
    const settled = await settlePending(
      deployment,
      createFinder({ ...process.env, ...this.#settings.environment }),
    );
    await this.#importStack({ ...exported, deployment: settled.deployment });
    return settled;
  }

  /** Did a run end in the midst of something? Told by the state's own file where it lies here, else by asking the engine. */
  #mayBePending(): boolean {
    const file = stateFile(this.#settings);
    return !file || readFileSync(file, 'utf8').includes('"pending_operations"');
  }

  /**
   * Takes an owner's records into the state as they are, so that the next `up` changes them in place instead of making
   * them again: by the name of the resource that each becomes.
   */
  async adoptRecords(adopted: Map<string, AdoptedResource>): Promise<void> {
    if (adopted.size === 0) return;
    const exported = await this.#exportStack();
    const names = { stack: this.#settings.havenId, project };
    const deployment = adoptIntoState((exported.deployment ?? {}) as Deployment, adopted, names);
    await this.#importStack({ ...exported, deployment });
  }

  /** The state, its secrets encrypted where its file can be read here. */
  async #exportStack(): Promise<ExportedState> {
    const file = stateFile(this.#settings);
    return file ? readStateFile(file) : this.#stack.exportStack();
  }

  async #importStack(state: ExportedState): Promise<void> {
    this.#isVerified = false;
    await this.#stack.importStack(state);
  }

  /** The whole state as text, for a copy of it. It holds secrets: only sealed may it leave this process. */
  async exportState(): Promise<string> {
    return JSON.stringify(await this.#exportStack());
  }
  async importState(text: string): Promise<void> {
    await this.#importStack(JSON.parse(text) as ExportedState);
  }

  async preview(onEvent: (event: EngineEvent) => void = () => undefined): Promise<EngineResult> {
    const result = await collect(onEvent, (eventHandler) =>
      this.#stack.preview({ refresh: true, onEvent: eventHandler }),
    );
    this.#isVerified = result.errors.length === 0 && result.drifted.length === 0;
    return result;
  }

  /** Whether the last preview read everything back and found it as the state says. What it could not ask, it believed. */
  get isVerified(): boolean {
    return this.#isVerified;
  }

  /** Carries a plan out. Without `refresh` it goes by the state, which is right where that has just been verified. */
  async up(
    onEvent: (event: EngineEvent) => void,
    { refresh, signal }: { refresh: boolean; signal?: AbortSignal },
  ): Promise<EngineResult> {
    this.#isVerified = false;
    return collect(onEvent, (eventHandler) =>
      this.#stack.up({ refresh, onEvent: eventHandler, ...(signal ? { signal } : {}) }),
    );
  }

  /** Removes everything; what is protected stays, in the internet and in the state, unless `withData`. */
  async destroy(
    onEvent: (event: EngineEvent) => void,
    { withData, signal }: { withData: boolean; signal?: AbortSignal },
  ): Promise<EngineResult> {
    if (withData) await this.#unprotect();
    return collect(onEvent, (eventHandler) =>
      this.#stack.destroy({
        refresh: true,
        excludeProtected: !withData,
        onEvent: eventHandler,
        ...(signal ? { signal } : {}),
      }),
    );
  }

  /** Lifts protection in the state; the provider's own is lifted where the thing is deleted. */
  async #unprotect(): Promise<void> {
    const exported = await this.#exportStack();
    const deployment = exported.deployment as { resources?: { protect?: boolean }[] } | null;
    for (const resource of deployment?.resources ?? []) delete resource.protect;
    await this.#importStack({ ...exported, deployment });
  }

  /** Everything that the state knows of, without secrets. */
  async resources(): Promise<
    {
      type: string;
      name: string;
      id: string;
      inputs: Record<string, unknown>;
      outputs: Record<string, unknown>;
      isProtected: boolean;
    }[]
  > {
    const deployment = (await this.#exportStack()).deployment as {
      resources?: (StateResource & { protect?: boolean })[];
    } | null;
    return (deployment?.resources ?? [])
      .filter((each) => each.custom && isOurs(each.type))
      .map((each) => ({
        type: each.type,
        name: nameOf(each.urn),
        id: each.id ?? '',
        inputs: readable(each.type, each.inputs ?? {}),
        outputs: each.outputs ?? {},
        isProtected: Boolean(each.protect),
      }));
  }
}

/**
 * The engine's command. `PulumiCommand.get` starts it to ask for its version, which was made sure of when it was set up
 * (setup/engine.ts); its constructor takes that version, and is private in its types alone.
 */
const commandOf = ({ engineRoot, engineVersion }: EngineSettings): automation.PulumiCommand =>
  Reflect.construct(automation.PulumiCommand, [
    join(engineRoot, 'bin', 'pulumi'),
    new semver.SemVer(engineVersion),
  ]);

/** To select a stack asks the engine whether it exists. Where the state is a folder here, its file tells. */
async function openStack(
  settings: EngineSettings,
  workspace: automation.LocalWorkspace,
): Promise<automation.Stack> {
  const { backend, havenId } = settings;
  if (!isFolder(backend)) return automation.Stack.createOrSelect(havenId, workspace);
  if (!stateFile(settings)) return automation.Stack.create(havenId, workspace);
  workspace.selectStack = async () => undefined;
  return automation.Stack.select(havenId, workspace);
}

const stateFile = ({ backend, havenId }: EngineSettings): string | undefined =>
  findStateFile(backend, project, havenId);
