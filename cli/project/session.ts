import { buildAgent } from '../../agent/build.ts';
import { openFronts } from '../../components/dns-providers.ts';
import { AgentLink, Unreachable } from '../../components/provider/agent-link.ts';
import { RunFolder } from '../../components/provider/run-folder.ts';
import { serverLooks } from '../../components/provider/server-look.ts';
import { alarmSecretsOf } from '../../core/alarms/alarm-ways.ts';
import { relayPassword } from '../../core/config/mail-sending.ts';
import { sendingPassword } from '../../core/config/sending.ts';
import { dkimKeys } from '../../core/mail/dkim-key.ts';
import { deployLockMs } from '../../core/operations/deploy-lock.ts';
import type { Plan } from '../../core/plan/plan.ts';
import type { Bundle } from '../../core/release/release.ts';
import { engineVersion } from '../../engine/engine-root.ts';
import { pulumiHome } from '../../engine/ensure-plugins.ts';
import { makePulumiHome } from '../../engine/pulumi-home.ts';
import { acmeSettings, registerAccount } from '../../stacks/acme-account.ts';
import { Engine } from '../../stacks/engine.ts';
import { knownLater } from '../../stacks/haven.ts';
import type { TakenPlaces } from '../../stacks/records.ts';
import { cacheDir } from '../../system/cache-dir.ts';
import { ConnectionLost } from '../../system/ssh.ts';
import { backupSecretValues } from './backup-secrets.ts';
import { assertWholeState } from './damaged-state.ts';
import { namesAnotherAccount } from './names-another-account.ts';
import type { Project } from './project.ts';
import { provideEngine, providePlugins, requiredPlugins } from './provide-engine.ts';
import { providerEnvironment } from './provider-environment.ts';
import { openProviders } from './providers.ts';
import { RunNote } from './run-note.ts';
import { stateBackend } from './state-backend.ts';
import { loadVerifiedTimes, saveVerifiedTimes } from './verified-times.ts';

/** A plan and the engine that carries it out, with everything that both need. Close it when done. */
export interface Session {
  readonly plan: Plan;
  engine: SessionEngine;
  run: RunFolder;
  environment: Record<string, string>;
  /** Hash of the agent that this run installs. */
  agentSha256: string;
  /** The agent at this address, over a connection that lasts for the session. */
  agentAt(host: string): AgentLink;
  /**
   * Registers an account at the authority, unless there is one. With `orders`, the authority is also asked whether it still
   * knows that one; `isReplaced` says that CAA records name another. Nothing before `up` may do that.
   */
  register(what: { orders: boolean }): Promise<{ isReplaced: boolean }>;
  /** Plans the DNS records again, by what the project has learnt since. Everything else of the plan is unchanged. */
  replanRecords(): void;
  /** Tells the engine's program which planned records find their place taken by an owner's. */
  takePlaces(places: TakenPlaces): void;
  /** Gives back what the run holds: its deploy lock on the server, its folder. */
  close(): Promise<void>;
}

/** What a session asks of the engine. */
export type SessionEngine = Pick<
  Engine,
  | 'isVerified'
  | 'preview'
  | 'up'
  | 'destroy'
  | 'recover'
  | 'resources'
  | 'adoptRecords'
  | 'forgetRecords'
  | 'exportState'
  | 'importState'
>;

/** Opens a session. Tests of commands put a stub into `with`: they have no engine. */
export const sessions = { with: openEngine };
export async function openSession(project: Project): Promise<Session> {
  assertWholeState(project);
  return sessions.with(project);
}

async function openEngine(project: Project): Promise<Session> {
  const backend = stateBackend(project.stateFolder);
  const engineRoot = await provideEngine();
  const emulated = process.env.HAVEN_PLUGINS === 'official' ? undefined : project.sandbox;
  if (!emulated) await providePlugins(requiredPlugins(project, backend));
  let plan = project.plan();
  const { sshKey, hostKey, passphrase, acmeAccountKey: accountKey } = await project.keys();
  const acme = acmeSettings();
  let account = { url: project.pins.acme?.[acme.directory] ?? knownLater, isReplaced: false };
  let taken: TakenPlaces = new Map();
  const bundles = new Map<string, Bundle>(plan.releases.map((each) => [each.hash, each.bundle]));
  const environment = providerEnvironment(project);
  const given = givenSecrets(project, plan);
  const run = RunFolder.create(
    { sshKey: sshKey.private, acmeAccountKey: accountKey, passphrase, given, acmeTrust: acme.trust },
    bundles,
    loadVerifiedTimes(project),
  );
  const front = await openFronts(
    project.config.domains.map(({ dns }) => dns),
    environment,
  );
  const served = { ...environment, HAVEN_RUN: run.path };
  const providers = await openProviders(served, emulated, front.variables);
  const letGo = () => {
    providers.close();
    void front.close();
    run.remove();
  };
  try {
    const built = await buildAgent(cacheDir);
    run.putAgent(built.text);
    makePulumiHome(pulumiHome());
    const engine = await Engine.open(
      {
        engineRoot,
        engineVersion,
        havenId: project.config.id,
        backend,
        pulumiHome: pulumiHome(),
        passphraseFile: run.passphraseFile,
        runFolder: run.path,
        environment,
        emulatedPlugins: emulated?.plugins.folder,
        listening: providers.ports,
        front,
      },
      () => ({
        plan,
        sshKey,
        hostKey,
        agentSha256: built.sha256,
        acme: {
          directory: acme.directory,
          accountUrl: account.url,
          caaIdentity: acme.caaIdentity,
          isReplaced: account.isReplaced,
        },
        taken,
      }),
    );
    const links = new Map<string, AgentLink>();
    const agentAt = (host: string): AgentLink => {
      const options = { patienceMs: 5000, idleMs: 60_000 };
      const link = links.get(host) ?? new AgentLink(host, hostKey.public, sshKey.private, options);
      links.set(host, link);
      return link;
    };
    // Waits that take longer than a lock lasts are part of a run: for its owner's answer, for an authority.
    const renewal = setInterval(() => {
      const host = run.lockedHost();
      if (host) void renewDeployLock(agentAt(host), run);
    }, deployLockMs / 4).unref();
    const close = async () => {
      clearInterval(renewal);
      const host = run.lockedHost();
      saveVerifiedTimes(project, run.verified());
      try {
        if (host) await releaseDeployLock(agentAt(host), run);
      } finally {
        new RunNote(project).remove(run.name);
        for (const link of links.values()) link.close();
        serverLooks.forget();
        // That folder holds keys: it is removed whatever the server answers.
        letGo();
      }
    };
    const register: Session['register'] = async ({ orders }) => {
      const url = await accountOf(project, accountKey, { orders });
      account = { url, isReplaced: orders && namesAnotherAccount(await engine.resources(), url) };
      return account;
    };
    const takePlaces = (places: TakenPlaces) => {
      taken = places;
    };
    const replanRecords = () => {
      plan = { ...plan, records: project.plan().records };
    };
    return {
      get plan() {
        return plan;
      },
      replanRecords,
      engine,
      run,
      environment,
      agentSha256: built.sha256,
      agentAt,
      register,
      takePlaces,
      close,
    };
  } catch (error) {
    letGo();
    throw error;
  }
}

/** If it can't be renewed it expires. The next change then asks for it again, and is refused if another run had it. */
async function renewDeployLock(agent: AgentLink, run: RunFolder): Promise<void> {
  await agent.call(['deploy-lock-renew', run.name]).catch(() => undefined);
}

/** If the server is gone or does not answer, nothing has to be released: a deploy lock expires. */
const releaseDeployLock = (agent: AgentLink, run: RunFolder): Promise<void> =>
  unlessCutOff(() => agent.call(['deploy-lock-release', run.name]));

async function unlessCutOff(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof Unreachable || error instanceof ConnectionLost)) throw error;
  }
}

/**
 * The account at the authority; registered there, unless haven.lock has it. An authority may have deleted that one. Where
 * certificates are ordered the same key is registered again, which finds the account or makes another (RFC 8555 §7.3.1). If the
 * authority does not answer the known one stays, and an order says what is wrong.
 */
export async function accountOf(
  project: Pick<Project, 'pins' | 'savePins'> & { config: { owner: { email: string } } },
  accountKey: string,
  { orders }: { orders: boolean },
): Promise<string> {
  const settings = acmeSettings();
  const known = project.pins.acme?.[settings.directory];
  if (known && !orders) return known;
  const registered = registerAccount(settings, accountKey, project.config.owner.email);
  const url = await (known ? registered.catch(() => known) : registered);
  const { pins } = project;
  if (url !== known) project.savePins({ ...pins, acme: { ...pins.acme, [settings.directory]: url } });
  return url;
}

/** Secrets for services and alarms, and those of backups as far as they exist. */
function givenSecrets(project: Project, { mail }: Plan): Record<string, string> {
  const { config, secrets } = project;
  const used = [
    ...(config.sending ? [sendingPassword] : []),
    ...(mail ? [dkimKeys] : []),
    ...(mail?.sending.relay ? [relayPassword] : []),
    ...alarmSecretsOf(config.alarms).used,
  ];
  const given = used.flatMap((name) => {
    const value = secrets.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(given), ...backupSecretValues(project) };
}
