import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as automation from '@pulumi/pulumi/automation/index.js';
import semver from 'semver';
import type { ApiFront } from '../components/api-front.ts';
import { type AdoptedResource, adoptIntoState, forgetInState } from './adopt.ts';
import {
  collect,
  type EngineEvent,
  type EngineResult,
  isOurs,
  nameOf,
  readable,
  releaseName,
  releaseType,
  serviceOf,
} from './engine-events.ts';
import { createFinder } from './finder.ts';
import { createHaven, type HavenProgramArgs } from './haven.ts';
import { type Deployment, type StateResource, settlePending } from './pending.ts';
import { type ExportedState, findStateFile, isFolder, readSalt, readStateFile } from './state-file.ts';
import { withoutDebugging } from './without-debugging.ts';

/** The engine's settings for one haven. Only this file uses the Automation API. */
export interface EngineSettings {
  /** Folder with `bin/pulumi` of this version. */
  engineRoot: string;
  engineVersion: string;
  havenId: string;
  /** Where the state is stored: `file:///...`. Only an engine that was downloaded knows other places, such as `s3://...`. */
  backend: string;
  pulumiHome: string;
  /** File with the state's passphrase. */
  passphraseFile: string;
  runFolder: string;
  /** Environment for the providers: tokens, endpoints. */
  environment: Record<string, string>;
  /** Folder with emulators of the official plugins; without it the plugins are in `pulumiHome` or on PATH. */
  emulatedPlugins: string | undefined;
  /**
   * Providers that already listen, by their package: the engine attaches to them instead of starting a process for
   * each.
   */
  listening: Record<string, number>;
  /** Where the plugins of DNS providers find their APIs; without it they call them directly. */
  front?: Pick<ApiFront, 'variables' | 'beginRun' | 'restoreAddress'>;
}

const project = 'openhaven';
const ours = fileURLToPath(new URL('../components/provider/bin', import.meta.url));

export class Engine {
  readonly #stack: automation.Stack;
  readonly #settings: EngineSettings;
  /** Whether a preview has read everything back and found it as in the state. Reset by any change. */
  #isVerified = false;
  readonly #newServices: Set<string>;

  private constructor(stack: automation.Stack, settings: EngineSettings, newServices: Set<string>) {
    this.#stack = stack;
    this.#settings = settings;
    this.#newServices = newServices;
  }

  /** `args` are requested when the program runs, so that what is learnt between a preview and `up` counts. */
  static async open(
    settings: EngineSettings,
    args: () => Omit<HavenProgramArgs, 'newServices'>,
  ): Promise<Engine> {
    // The last preview tells.
    const newServices = new Set<string>();
    const pulumiCommand = commandOf(settings);
    const plugins = settings.emulatedPlugins ? [ours, settings.emulatedPlugins] : [ours];
    const workDir = join(settings.runFolder, 'workspace');
    mkdirSync(workDir, { recursive: true });
    const workspace = await automation.LocalWorkspace.create({
      workDir,
      program: () => createHaven({ ...args(), newServices }),
      pulumiCommand,
      pulumiHome: settings.pulumiHome,
      projectSettings: { name: project, runtime: 'nodejs', backend: { url: settings.backend } },
      secretsProvider: 'passphrase',
      ...settingsOf(settings),
      envVars: {
        ...settings.environment,
        ...settings.front?.variables,
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
        // They are here already (engine/ensure-plugins.ts): the engine would fetch them silently, without a limit.
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
      },
    });
    const stack = await openStack(settings, workspace);
    // After each run the Automation API asks the engine three times for what its events have already reported.
    workspace.stackOutputs = async () => ({});
    stack.info = async () => undefined;
    return new Engine(stack, settings, newServices);
  }

  /** Adopts what an interrupted run created, and forgets what it did not. Does nothing after a run that ended. */
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

  /** Whether a run was interrupted: by the state's own file if it is here, otherwise by asking the engine. */
  #mayBePending(): boolean {
    const file = stateFile(this.#settings);
    return !file || readFileSync(file, 'utf8').includes('"pending_operations"');
  }

  /**
   * Adds an owner's records to the state as they are, so that the next `up` changes them in place instead of creating
   * them again. The key is the name of the resource that each becomes.
   */
  async adoptRecords(adopted: Map<string, AdoptedResource>): Promise<void> {
    if (adopted.size === 0) return;
    const exported = await this.#exportStack();
    const names = { stack: this.#settings.havenId, project };
    const deployment = adoptIntoState((exported.deployment ?? {}) as Deployment, adopted, names);
    await this.#importStack({ ...exported, deployment });
  }

  /** Removes records from the state that are their owner's again. Removing one that is not in it is a success. */
  async forgetRecords(names: string[]): Promise<void> {
    // An import drops what is pending, so it is settled first.
    await this.recover();
    const exported = await this.#exportStack();
    const deployment = (exported.deployment ?? {}) as Deployment;
    const without = forgetInState(deployment, names);
    if (without !== deployment) await this.#importStack({ ...exported, deployment: without });
  }

  /** The state, with its secrets encrypted if its file can be read here. */
  async #exportStack(): Promise<ExportedState> {
    const file = stateFile(this.#settings);
    return file ? readStateFile(file) : this.#stack.exportStack();
  }

  async #importStack(state: ExportedState): Promise<void> {
    this.#isVerified = false;
    await this.#stack.importStack(state);
  }

  /** The whole state as text, for a copy of it. It holds secrets, so it must leave this process encrypted only. */
  async exportState(): Promise<string> {
    return JSON.stringify(await this.#exportStack());
  }
  async importState(text: string): Promise<void> {
    await this.#importStack(JSON.parse(text) as ExportedState);
  }

  /** What would change. `only`: looks at the release of this service and at nothing else. */
  async preview(
    onEvent: (event: EngineEvent) => void = () => undefined,
    { only }: { only?: string | undefined } = {},
  ): Promise<EngineResult> {
    const result = await this.#run(onEvent, (eventHandler) =>
      this.#stack.preview({ refresh: true, onEvent: eventHandler, ...this.#targets(only) }),
    );
    this.#isVerified = result.errors.length === 0 && result.drifted.length === 0;
    this.#newServices.clear();
    for (const { type, kind, name } of result.changes)
      if (type === releaseType && kind === 'create') this.#newServices.add(serviceOf(name));
    return result;
  }

  /**
   * Whether the last preview read everything back and found it as in the state. What it could not ask, it took from
   * the state.
   */
  get isVerified(): boolean {
    return this.#isVerified;
  }

  /**
   * Applies a plan. Without `refresh` it relies on the state, which is correct right after it was verified. `only`: changes
   * the release of this service and nothing else.
   */
  async up(
    onEvent: (event: EngineEvent) => void,
    { refresh, signal, only }: { refresh: boolean; signal?: AbortSignal; only?: string | undefined },
  ): Promise<EngineResult> {
    this.#isVerified = false;
    return this.#run(onEvent, (eventHandler) =>
      this.#stack.up({
        refresh,
        onEvent: eventHandler,
        ...(signal ? { signal } : {}),
        ...this.#targets(only),
      }),
    );
  }

  /** One run of the engine. */
  async #run(
    onEvent: (event: EngineEvent) => void,
    work: Parameters<typeof collect>[1],
  ): Promise<EngineResult> {
    const { front } = this.#settings;
    front?.beginRun((text) => onEvent({ event: 'waits', text }));
    const restore = (text: string): string => front?.restoreAddress(text) ?? text;
    const result = await collect(
      (event) => onEvent(event.event === 'message' ? { ...event, text: restore(event.text) } : event),
      (handler) => withoutDebugging(() => work(handler)),
    );
    return { ...result, errors: result.errors.map(restore) };
  }

  #targets(only: string | undefined): { target?: string[] } {
    if (only === undefined) return {};
    return {
      target: [`urn:pulumi:${this.#settings.havenId}::${project}::${releaseType}::${releaseName(only)}`],
    };
  }

  /** Removes everything. Protected resources are kept, at the provider and in the state, unless `withData`. */
  async destroy(
    onEvent: (event: EngineEvent) => void,
    { withData, signal }: { withData: boolean; signal?: AbortSignal },
  ): Promise<EngineResult> {
    if (withData) await this.#unprotect();
    return this.#run(onEvent, (eventHandler) =>
      this.#stack.destroy({
        refresh: true,
        excludeProtected: !withData,
        onEvent: eventHandler,
        ...(signal ? { signal } : {}),
      }),
    );
  }

  /** Removes protection in the state. The provider's own is removed where the resource is deleted. */
  async #unprotect(): Promise<void> {
    const exported = await this.#exportStack();
    const deployment = exported.deployment as { resources?: { protect?: boolean }[] } | null;
    for (const resource of deployment?.resources ?? []) delete resource.protect;
    await this.#importStack({ ...exported, deployment });
  }

  /** Every resource in the state, without secrets. */
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
 * The engine's command. `PulumiCommand.get` would start it to ask for its version, which was verified when it was
 * provided (engine/ensure-engine.ts). The constructor takes that version, and is only private in its types.
 */
const commandOf = ({ engineRoot, engineVersion }: EngineSettings): automation.PulumiCommand =>
  Reflect.construct(automation.PulumiCommand, [
    join(engineRoot, 'bin', 'pulumi'),
    new semver.SemVer(engineVersion),
  ]);

/** Selecting a stack asks the engine whether it exists. If the state is in a folder here, its file tells. */
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

/**
 * The salt of the state's key is the stack's, too: without one the engine makes another with each run, whose key takes it
 * a sixth of a second and encrypts nothing.
 */
function settingsOf(settings: EngineSettings): Pick<automation.LocalWorkspaceOptions, 'stackSettings'> {
  const file = stateFile(settings);
  const encryptionSalt = file && readSalt(file);
  return encryptionSalt ? { stackSettings: { [settings.havenId]: { encryptionSalt } } } : {};
}

const stateFile = ({ backend, havenId }: EngineSettings): string | undefined =>
  findStateFile(backend, project, havenId);
