import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseDeployCall } from '../core/operations/deploy-call.ts';
import type { LockClaim } from '../core/operations/deploy-lock.ts';
import type { WantedOperation } from '../core/operations/entries.ts';
import { protocol, refuseOlder } from '../core/operations/protocol.ts';
import { unfinished } from '../core/operations/transaction.ts';
import type { ImageRecipe } from '../core/release/image-recipe.ts';
import { mainContainer } from '../core/release/main-container.ts';
import type { HealthCheck } from '../core/release/release.ts';
import type { RealmFile } from '../core/users/realm-file.ts';
import { withLock } from '../system/with-lock.ts';
import { alarmCommands } from './alarms/alarm-commands.ts';
import { readAlarmWays } from './alarms/alarm-order.ts';
import { backupCommands } from './backups/backup-commands.ts';
import { readBackupSettings } from './backups/backup-order.ts';
import { repositoryCommands } from './backups/repository-commands.ts';
import { banCommands } from './bans/ban-commands.ts';
import {
  type CertificateOrder,
  ensureCertificate,
  orderCertificate,
  readCertificates,
  removeCertificate,
  renewCertificates,
} from './certificates/certificate.ts';
import { applyHostCertificates } from './certificates/host-certificates.ts';
import { checkLogin, type LoginCheck } from './checks/login-check.ts';
import { askHealthChecks, checkLogins } from './checks/release-checks.ts';
import { writeStatus } from './checks/status.ts';
import { readDisks } from './data/free-space.ts';
import { applyBans } from './effects/bans.ts';
import { applyRealm, type KeycloakAccess, openKeycloak } from './effects/keycloak.ts';
import { applyMaintenance, applyMaintenanceAtBoot } from './effects/maintenance.ts';
import { trySending } from './effects/sending.ts';
import { applyRoutes } from './effects/served-routes.ts';
import { knownServices } from './effects/services-in-maintenance.ts';
import { mailCommands } from './mail/mail-commands.ts';
import { abortOperation } from './operations/abort.ts';
import { buildImage, missingImages } from './operations/build-image.ts';
import { serviceLogs } from './operations/compose.ts';
import { deleteServiceData } from './operations/delete-service-data.ts';
import { type DeployOrder, deploy } from './operations/deploy.ts';
import { blockedStatus, continueOperation, followOperation, runInUnit } from './operations/operation.ts';
import { readService, readServices } from './operations/service-state.ts';
import { type SwitchTo, switchService } from './operations/switch.ts';
import { taskCommands } from './operations/task-commands.ts';
import { tendData } from './operations/tend-data.ts';
import { abort, Blocked, settle, transact } from './operations/transact.ts';
import { agentVersion } from './server/agent-version.ts';
import { ServerLock } from './server/deploy-lock.ts';
import { installAgent, ownHash } from './server/install.ts';
import { putServerRight } from './server/put-server-right.ts';
import { readServer } from './server/server-look.ts';
import { setUpServer } from './server/setup.ts';
import { lookAtStates, stateCalls } from './server/state-calls.ts';
import { answerTogether } from './server/together.ts';
import { mountVolume, type VolumeOrder } from './server/volume.ts';
import { loadBundle } from './store/bundle-store.ts';
import { damageOf } from './store/damage.ts';
import { readJournal } from './store/journal.ts';
import { Layout } from './store/layout.ts';
import { runningRelease } from './store/running.ts';
import { mirrorUsers, tellServices } from './users/user-mirror.ts';
import { answerUsers, type UserRequest } from './users/users.ts';

/**
 * The agent: the program on the server. It is called over SSH or by systemd, answers in JSON on standard output, and
 * opens no port. Which calls it understands is `core/operations/protocol.ts`.
 */

/** What `realm-apply` reads from standard input. */
interface RealmOrder {
  access: KeycloakAccess;
  realm: RealmFile;
  bind: { dn: string; password: string };
}

/** One command changes users at a time. */
const usersLock = '/run/haven/users.lock';

// Standard output is for answers alone: what a library prints goes to standard error.
Object.assign(console, { log: console.error, info: console.error, debug: console.error });

const layout = new Layout();
const agent = [process.execPath, process.argv[1]!];

const commands: Record<string, (args: string[]) => Promise<unknown>> = {
  hello: async () => ({ protocol, version: agentVersion, node: process.version }),
  ...stateCalls(layout, standardInput),

  /** Takes the place of the agent on this server, from a draft of its own file, and sets the server up. */
  install: async ([draft, ...args]) => {
    const setUp = () => setUpServer(layout, setUpOptions(args));
    return { changed: await installAgent(layout, { draft: draft!, open: openServices(), setUp }) };
  },
  /** Sets this server up. */
  setup: async (args) => ({ changed: await setUpServer(layout, setUpOptions(args)) }),
  /** Sets this server up again, because a look found something of it changed. */
  'put-server-right': async ([claim, ...args]) => {
    const setUp = () => setUpServer(layout, setUpOptions(args));
    await putServerRight(layout, { claim: JSON.parse(claim!) as LockClaim, open: openServices(), setUp });
    return { differs: [] };
  },
  /** At boot. */
  'mount-volume': async ([device, uuid]) => mountVolume(layout, { device: device!, uuid: uuid! }),
  /**
   * At boot, before Docker starts. This call must not ask Docker: a request to its socket would start it, and
   * Docker's start waits for this call to end.
   */
  maintenance: async () => applyMaintenanceAtBoot(layout),

  /**
   * Deploys a release of a service (or removes the service, without `--to`), all in one call. Prints the journal's
   * entries as they are written, one per line, and the service's state at the end. `--claim` names the run
   * that holds the deploy lock.
   */
  deploy: async (args) => {
    const { op, ...asked } = parseDeployCall(args);
    refuseOlder(asked.claim.speaks);
    const wanted = { ...asked, id: op };
    return deploy(layout, wanted, JSON.parse(await standardInput()) as DeployOrder, agent);
  },
  /** With a deploy lock: renews it while following. */
  follow: async ([service, op, claim]) => {
    await followOperation(layout, service!, op!, async () => {
      if (claim) await new ServerLock(layout).take(JSON.parse(claim) as LockClaim);
    });
    await writeStatus(layout);
  },

  /** Runs inside the systemd unit. */
  transact: async ([wanted]) => {
    try {
      return { outcome: await transact(layout, JSON.parse(wanted!) as WantedOperation, agent) };
    } catch (error) {
      if (!(error instanceof Blocked)) throw error;
      process.stderr.write(`${error.message}\n`);
      process.exitCode = blockedStatus;
      return undefined;
    }
  },
  settle: async ([service]) => ({ outcome: await settle(layout, service!, agent) }),

  /** Ends interrupted transactions, each in its own unit, so that two never run at once. */
  recover: async () => {
    const open = openServices();
    const damaged = knownServices(layout).flatMap((service) => damageOf(layout, service) ?? []);
    for (const service of open) await continueOperation(service, agent);
    await applyMaintenance(layout);
    await applyRoutes(layout);
    await applyBans(layout);
    await tendData(layout, knownServices(layout));
    await applyHostCertificates(layout);
    if (damaged.length > 0) throw new Error(damaged.join('\n'));
    return { recovering: open };
  },

  /** Ends a service's open operation, whatever it is doing. */
  abort: async ([service, by]) => abortOperation(layout, service!, by!, agent),
  /** Runs inside the systemd unit. */
  'abort-now': async ([service, op, by]) => ({
    outcome: await abort(layout, { service: service!, id: op! }, by!, agent),
  }),

  /** Which of the images that are named on standard input are not here. */
  'image-missing': async () => missingImages(JSON.parse(await standardInput()) as string[]),
  /** Builds one image. Prints its steps while it is built. */
  'image-build': async () => {
    const recipe = JSON.parse(await standardInput()) as ImageRecipe;
    await buildImage(layout, recipe, (step) => process.stdout.write(`${JSON.stringify(step)}\n`));
    return { built: recipe.reference };
  },

  /** A bundle kept on this server, for a rollback to it. */
  bundle: async ([service, hash]) => loadBundle(layout, service!, hash!),
  logs: async ([service, lines]) => {
    process.stdout.write(await serviceLogs(layout, service!, Number(lines ?? 100)));
  },

  /** Starts, stops or restarts a service. */
  switch: async ([service, to]) => {
    await runInUnit(layout, service!, ['switch-now', service!, to!], agent);
    await writeStatus(layout);
    return readService(layout, service!);
  },
  'switch-now': async ([service, to]) => {
    await switchService(layout, service!, to as SwitchTo);
  },
  delete: async ([service]) => {
    await runInUnit(layout, service!, ['delete-now', service!], agent);
    await writeStatus(layout);
    return { deleted: service };
  },
  'delete-now': async ([service]) => deleteServiceData(layout, service!),
  /**
   * Runs a command in a service's container, connected to this call's input and output. `-` is the main container.
   */
  exec: async ([service, container, ...command]) => {
    process.exitCode = await execInService(layout, service!, container!, command);
  },

  read: async ([service]) => readService(layout, service!),
  list: async () => readServices(layout, knownServices(layout)),
  /** Everything that a plan asks of this server, in one call. */
  look: async () => {
    const [services, server] = await Promise.all([
      readServices(layout, knownServices(layout)),
      readServer(layout),
    ]);
    return {
      services,
      certificates: readCertificates(layout),
      alarms: readAlarmWays(layout),
      backups: readBackupSettings(layout),
      agent: ownHash(),
      server,
      states: lookAtStates(new ServerLock(layout)),
    };
  },
  /** Several questions side by side, each answered or refused for itself. */
  together: (asked) => answerTogether(commands, asked),
  certificates: async () => readCertificates(layout),
  disks: async () => readDisks(layout),
  clock: async () => ({ now: Date.now() }),
  history: async ([service]) => readJournal(layout.journal(service!)),

  /** Under the deploy lock of the run that orders it. */
  'certificate-ensure': async ([text]) => {
    const claim = JSON.parse(text!) as LockClaim;
    refuseOlder(claim.speaks);
    await new ServerLock(layout).take(claim);
    return ensureCertificate(layout, JSON.parse(await standardInput()) as CertificateOrder, agent);
  },
  'certificate-order': async () =>
    orderCertificate(layout, JSON.parse(await standardInput()) as CertificateOrder),
  'certificate-remove': async ([name]) => {
    await removeCertificate(layout, name!);
    return { removed: name };
  },
  'certificate-renew': async () => {
    const done = await renewCertificates(layout, agent);
    // The unit has failed, so that `systemctl --failed` lists it.
    if (done.failed.length > 0) process.exitCode = 1;
    return done;
  },

  'realm-apply': async () => {
    const { access, realm, bind } = JSON.parse(await standardInput()) as RealmOrder;
    await applyRealm(await openKeycloak(access), realm, bind);
  },
  'try-sending': async () => trySending(layout),
  ...mailCommands(layout, standardInput),
  /** Of the services that are named, or of all. */
  'check-logins': async (services) => {
    await withLock(usersLock, () => tellServices(layout));
    return checkLogins(layout, agent, services);
  },
  'check-login': async () => checkLogin(JSON.parse(await standardInput()) as LoginCheck),
  /** Commands on users; the request comes on standard input. */
  user: async () => {
    const request = JSON.parse(await standardInput()) as UserRequest;
    const answer = () => withLock(usersLock, () => answerUsers(layout, request));
    return request.ask === 'list' || request.ask === 'aliases'
      ? answer()
      : new ServerLock(layout).whileUnchanged(answer);
  },
  'user-mirror': async () => withLock(usersLock, () => mirrorUsers(layout)),
  ...alarmCommands(layout, standardInput),
  ...backupCommands(layout, standardInput),
  ...repositoryCommands(layout),
  ...banCommands,
  ...taskCommands(layout, agent, standardInput),
  'status-write': async () => writeStatus(layout),
  'check-health': async () =>
    askHealthChecks(JSON.parse(await standardInput()) as HealthCheck[], layout.trust),
};

async function execInService(
  layout: Layout,
  service: string,
  container: string,
  command: string[],
): Promise<number> {
  const folder = layout.release(service, runningRelease(layout, service));
  const text = readFileSync(join(folder, 'compose.yaml'), 'utf8');
  const name = container === '-' ? mainContainer(text) : container;
  const terminal = process.stdin.isTTY ? [] : ['-T'];
  const args = ['compose', '--project-name', `haven-${service}`, 'exec', ...terminal, name, ...command];
  const done = spawnSync('docker', args, { cwd: folder, stdio: 'inherit' });
  return done.status ?? 1;
}

/** The volume that set-up is told of, with the size that it should have. */
function setUpOptions(args: string[]): VolumeOrder | null {
  const options = { volume: { type: 'string' }, 'volume-gb': { type: 'string' } } as const;
  const { volume: device, 'volume-gb': size } = parseArgs({ args, options }).values;
  return device === undefined ? null : { device, sizeGb: Number(size ?? 0) };
}

/** Services with an operation that is not finished. Of a damaged one that is not known. */
const openServices = (): string[] =>
  knownServices(layout).filter(
    (service) =>
      damageOf(layout, service) === undefined && unfinished(readJournal(layout.journal(service))).length > 0,
  );

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function main([name, ...args]: string[]): Promise<void> {
  const command = name === undefined ? undefined : commands[name];
  if (!command) {
    process.stderr.write(
      `haven-agent: unknown command "${name ?? ''}". Commands: ${Object.keys(commands).join(', ')}\n`,
    );
    process.exitCode = 2;
    return;
  }
  try {
    const answer = await command(args);
    if (answer !== undefined) process.stdout.write(`${JSON.stringify(answer)}\n`);
  } catch (error) {
    // The prefix that systemd's journal reads as the level "error" (sd-daemon(3)).
    const level = process.env.JOURNAL_STREAM ? '<3>' : '';
    process.stderr.write(`${level}${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

void main(process.argv.slice(2));
