import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as automation from '@pulumi/pulumi/automation/index.js';
import { providerOfResource } from '../components/dns-providers.ts';
import { type Change, changeKind } from '../core/plan/changes.ts';
import { type AdoptedResource, adoptIntoState } from './adopt.ts';
import { createFinder } from './finder.ts';
import { createHaven, type HavenProgramArgs } from './haven.ts';
import { type Deployment, type StateResource, settlePending } from './pending.ts';

/** What the engine needs to run for one haven. Only this file uses the Automation API. */
export interface EngineSettings {
  /** Folder that holds `bin/pulumi`. */
  engineRoot: string;
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

/** What happens while the engine works. */
export type EngineEvent =
  | { event: 'begun' | 'done' | 'failed'; change: Change }
  | { event: 'message'; severity: 'info' | 'warning' | 'error'; text: string };

export interface EngineResult {
  changes: Change[];
  /** What the program exports: the server's addresses. */
  outputs: Record<string, unknown>;
  /** What went wrong, once each. */
  errors: string[];
}

const project = 'openhaven';
const ours = fileURLToPath(new URL('../components/provider/bin', import.meta.url));

export class Engine {
  readonly #stack: automation.Stack;
  readonly #settings: EngineSettings;

  private constructor(stack: automation.Stack, settings: EngineSettings) {
    this.#stack = stack;
    this.#settings = settings;
  }

  /** `args` are asked for when the program runs: what is learnt between a preview and `up` counts. */
  static async open(settings: EngineSettings, args: () => HavenProgramArgs): Promise<Engine> {
    const pulumiCommand = await automation.PulumiCommand.get({
      root: settings.engineRoot,
      skipVersionCheck: false,
    });
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
    // To select a stack asks the engine whether it exists; where its file lies here that is known.
    if (stateFile(settings)) workspace.selectStack = async () => undefined;
    const stack = await automation.Stack.createOrSelect(settings.havenId, workspace);
    // After each run the Automation API asks the engine three times for what its events have told already.
    workspace.stackOutputs = async () => ({});
    stack.info = async () => undefined;
    return new Engine(stack, settings);
  }

  /** Takes in what an interrupted run made, and forgets what it didn't. Nothing to do after a run that ended. */
  async recover(): Promise<{ adopted: string[]; forgotten: string[] }> {
    if (!this.#mayBePending()) return { adopted: [], forgotten: [] };
    const exported = await this.#stack.exportStack();
    const deployment = exported.deployment as Deployment | null;
    if (!deployment?.pending_operations?.length) return { adopted: [], forgotten: [] };
    const settled = await settlePending(
      deployment,
      createFinder({ ...process.env, ...this.#settings.environment }),
    );
    await this.#stack.importStack({ ...exported, deployment: settled.deployment });
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
    const exported = await this.#stack.exportStack();
    const names = { stack: this.#settings.havenId, project };
    const deployment = adoptIntoState((exported.deployment ?? {}) as Deployment, adopted, names);
    await this.#stack.importStack({ ...exported, deployment });
  }

  /** The whole state as text, for a copy of it. It holds secrets: only sealed may it leave this process. */
  async exportState(): Promise<string> {
    return JSON.stringify(await this.#stack.exportStack());
  }
  async importState(text: string): Promise<void> {
    await this.#stack.importStack(JSON.parse(text) as automation.Deployment);
  }

  async preview(onEvent: (event: EngineEvent) => void = () => undefined): Promise<EngineResult> {
    return collect(onEvent, (eventHandler) => this.#stack.preview({ refresh: true, onEvent: eventHandler }));
  }

  async up(onEvent: (event: EngineEvent) => void, signal?: AbortSignal): Promise<EngineResult> {
    return collect(onEvent, (eventHandler) =>
      this.#stack.up({ refresh: true, onEvent: eventHandler, ...(signal ? { signal } : {}) }),
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
    const exported = await this.#stack.exportStack();
    const deployment = exported.deployment as { resources?: { protect?: boolean }[] } | null;
    for (const resource of deployment?.resources ?? []) delete resource.protect;
    await this.#stack.importStack({ ...exported, deployment });
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
    const deployment = (await this.#stack.exportStack()).deployment as {
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

/** The file that holds the state, where the backend is a folder and the stack exists. */
function stateFile({ backend, havenId }: EngineSettings): string | undefined {
  if (!backend.startsWith('file://')) return undefined;
  const file = join(fileURLToPath(backend), '.pulumi', 'stacks', project, `${havenId}.json`);
  return existsSync(file) ? file : undefined;
}

const nameOf = (urn: string): string => urn.split('::').at(-1) ?? urn;
const isOurs = (type: string): boolean => !type.startsWith('pulumi:') && !type.startsWith('haven:component:');

/** Inputs as a plan shows them: a DNS record is the same at every provider, so its provider says what they mean. */
const readable = (type: string, inputs: Record<string, unknown>): Record<string, unknown> =>
  providerOfResource(type)?.resource.describe(inputs) ?? inputs;

async function collect(
  onEvent: (event: EngineEvent) => void,
  work: (handler: (event: automation.EngineEvent) => void) => Promise<unknown>,
): Promise<EngineResult> {
  const changes = new Map<string, Change>();
  const errors: string[] = [];
  let outputs: Record<string, unknown> = {};
  const handler = (event: automation.EngineEvent): void => {
    const step = event.resourcePreEvent ?? event.resOutputsEvent ?? event.resOpFailedEvent;
    if (step) {
      const { metadata } = step;
      if (metadata.type === 'pulumi:pulumi:Stack') outputs = metadata.new?.outputs ?? outputs;
      const kind = changeKind(metadata.op);
      if (!kind || !isOurs(metadata.type)) return;
      const stopped = metadata.old?.outputs?.stoppedSeconds as unknown;
      const change: Change = {
        kind,
        type: metadata.type,
        name: nameOf(metadata.urn),
        properties: Object.keys(metadata.detailedDiff ?? {}).sort(),
        ...(metadata.old?.inputs ? { before: readable(metadata.type, metadata.old.inputs) } : {}),
        ...(metadata.new?.inputs ? { after: readable(metadata.type, metadata.new.inputs) } : {}),
        ...(typeof stopped === 'number' ? { stoppedSeconds: stopped } : {}),
      };
      changes.set(`${metadata.urn}`, change);
      onEvent({
        event: event.resourcePreEvent ? 'begun' : event.resOpFailedEvent ? 'failed' : 'done',
        change,
      });
    }
    const message = event.diagnosticEvent;
    if (message && !message.ephemeral && (message.severity as string) !== 'debug') {
      const text = plain(message.message);
      if (
        message.severity === 'error' &&
        text !== '' &&
        !/^update failed|^preview failed/.test(text) &&
        !errors.includes(text)
      )
        errors.push(text);
      if (text !== '') {
        onEvent({
          event: 'message',
          severity:
            message.severity === 'error' ? 'error' : message.severity === 'warning' ? 'warning' : 'info',
          text,
        });
      }
    }
  };
  try {
    await work(handler);
  } catch (error) {
    if (error instanceof automation.ConcurrentUpdateError) throw error;
    if (errors.length === 0) errors.push(lastLines(error));
  }
  return { changes: [...changes.values()], outputs, errors };
}

/** Without the engine's colour marks, and without its own prefix of where in its program a resource stands. */
const plain = (text: string): string => text.replaceAll(/<\{%[^%]*%\}>/g, '').trim();
const lastLines = (error: unknown): string =>
  plain(error instanceof Error ? error.message : String(error))
    .split('\n')
    .slice(-12)
    .join('\n');
