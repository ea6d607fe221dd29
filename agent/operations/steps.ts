import { existsSync, rmSync } from 'node:fs';
import { backedUp } from '../../core/backups/backed-up.ts';
import { rememberRestore } from '../../core/backups/backup-memory.ts';
import type { Entry, Note, Operation, RestoreTask, Step } from '../../core/operations/entries.ts';
import { lastRestore } from '../../core/operations/history.ts';
import { noteOf, wasInterrupted, wasReplaced, wasStarted } from '../../core/operations/transaction.ts';
import { undoOfData } from '../../core/operations/undo-of-data.ts';
import type { Bundle, Release } from '../../core/release/release.ts';
import { changeBackupMemory } from '../backups/backup-memory.ts';
import { readBackupOrder } from '../backups/backup-order.ts';
import { queueBackup } from '../backups/queue.ts';
import { startUpload } from '../backups/upload-unit.ts';
import { ensureHostCertificate } from '../certificates/host-certificates.ts';
import { checkHealth, checkLoginOf } from '../checks/release-checks.ts';
import { assertFreeSpace, serverDisks } from '../data/free-space.ts';
import { inGroup, withoutLimit } from '../data/quotas.ts';
import {
  ensureData,
  flush,
  removeData,
  removeDraft,
  removeSnapshots,
  restoreSnapshot,
  takeSnapshot,
  tidySnapshots,
} from '../data/subvolumes.ts';
import { removeAccounts } from '../effects/account-removals.ts';
import { applyAccounts, changesAccounts, createAccounts, settleRealm } from '../effects/accounts.ts';
import { awaitsLogin } from '../effects/awaits-login.ts';
import { applyBans } from '../effects/bans.ts';
import { isRunning } from '../effects/containers.ts';
import { ensureDependencyNetworks, removeDependencyNetworks } from '../effects/dependency-networks.ts';
import { applyMaintenance } from '../effects/maintenance.ts';
import { applyRoutes } from '../effects/served-routes.ts';
import { ensureTrust } from '../store/authority.ts';
import { formerReleasesOf, hasBundle, loadBundle, switchCurrent } from '../store/bundle-store.ts';
import { crashPoint } from '../store/crash-point.ts';
import { readJournal } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';
import { isSwitchedOff } from '../store/running.ts';
import { ensureSecrets, scrub } from '../store/secrets.ts';
import { tellAccountsInTrial } from '../users/service-accounts.ts';
import { tellCheckAdmin } from '../users/service-admins.ts';
import { haltRelease, releasesInUse, startContainers, startRelease, stopRelease } from './compose.ts';
import { dropReleases } from './drop-releases.ts';
import { writeEnvironment } from './environment.ts';
import { bringImages, resolveImages } from './images.ts';
import { fetchData, removeFetched, replaceData, restoredNames, undoReplace } from './restore-data.ts';
import { putAccountsRight } from './settle-accounts.ts';
import { tendDataOf } from './tend-data.ts';

export interface StepContext {
  layout: Layout;
  operation: Operation;
  /** The journal's entries of this operation. */
  entries: Entry[];
  /** The command line of this program, to run health checks under another uid. */
  agent: string[];
}

/** What a step does, and how it is undone. Both can be run again after an interruption at any point. */
interface StepWork {
  do(context: StepContext): Promise<Note | undefined>;
  undo(context: StepContext): Promise<Note | undefined>;
}

const keptSnapshots = 3;
const keptReleases = 5;

const nothing = async (): Promise<undefined> => undefined;

export const steps: Record<Step, StepWork> = {
  /** Everything that can fail before anything is stopped: space, images, secrets. */
  prepare: {
    async do({ layout, operation }) {
      const bundle = newBundle(layout, operation);
      await assertFreeSpace(await serverDisks(layout));
      const images = await resolveImages(bundle);
      await ensureTrust(layout);
      await ensureSecrets(layout, bundle.release);
      ensureHostCertificate(layout, bundle.release);
      await ensureDependencyNetworks(bundle.release);
      await createAccounts(layout, bundle.release, oldRelease(layout, operation));
      writeEnvironment(layout, bundle, layout.release(operation.service, operation.to!), images);
      crashPoint('environment:written');
      // Writes pending data to disk while the service still runs, so that this does not lengthen the maintenance.
      if (operation.from) await flush(layout.root);
      return { images };
    },
    async undo({ layout, operation }) {
      const old = oldRelease(layout, operation);
      await removeDependencyNetworks(operation.service, old?.dependsOn);
      await removeAccounts(layout, newBundle(layout, operation).release, old);
    },
  },

  /** Of a restore: brings the data while the service still runs. */
  fetch: {
    async do({ layout, operation }) {
      await assertFreeSpace(await serverDisks(layout));
      await fetchData(layout, operation.service, restoreOf(operation), newBundle(layout, operation).release);
      return { data: restoredNames(layout, operation) };
    },
    async undo({ layout, operation }) {
      await removeFetched(layout, operation.service);
      return undefined;
    },
  },

  'enter-maintenance': {
    async do({ layout }) {
      await applyMaintenance(layout);
      return undefined;
    },
    async undo({ layout }) {
      await applyMaintenance(layout);
      return undefined;
    },
  },

  'stop-old': {
    async do({ layout, operation }) {
      if (!operation.from) return undefined;
      const folder = layout.release(operation.service, operation.from);
      // The next release takes over containers and network; when there is none, they are removed.
      if (operation.to) await haltRelease(folder, operation.service);
      else await stopRelease(folder, operation.service);
      crashPoint('containers:stopped');
      return undefined;
    },
    async undo(context) {
      const { layout, operation, entries } = context;
      const { service, from } = operation;
      if (!from || isSwitchedOff(layout, service)) return undefined;
      const start = async () => {
        const old = loadBundle(layout, service, from);
        const wanted = newBundle(layout, operation).release;
        if (wasStarted(entries) && (wasReplaced(entries) || changesAccounts(old.release, wanted)))
          await applyAccounts(layout, old.release);
        await bringImages(layout, old, layout.release(service, from));
        await ensureDependencyNetworks(old.release);
        // What filled up meanwhile would keep a database from starting, and the undo from ending.
        await tendDataOf(layout, service);
        await startRelease(layout.release(service, from), old);
      };
      if (operation.unhealthyBefore?.includes(service)) return startUnwell(context, start);
      await start();
      return undefined;
    },
  },

  snapshot: {
    async do({ layout, operation }) {
      const taken: string[] = [];
      for (const name of dataNames(layout, operation)) {
        const path = layout.data(operation.service, name);
        if (!existsSync(path)) continue;
        const group = await inGroup(layout, operation.service, name);
        await takeSnapshot(path, layout.snapshot(operation.service, operation.id, name), group);
        taken.push(name);
      }
      return { taken };
    },
    async undo({ layout, operation, entries }) {
      const { taken } = noteOf(entries, 'snapshot') as { taken?: string[] };
      // Without a whole snapshot, nothing was made or written after it.
      if (!taken) return undefined;
      const bundle = newBundle(layout, operation);
      for (const name of dataNames(layout, operation)) {
        const path = layout.data(operation.service, name);
        const rollback = bundle.release.data[name]?.rollback ?? 'with-release';
        const undo = undoOfData({
          isNew: !taken.includes(name),
          isStarted: wasStarted(entries),
          isReplaced: wasReplaced(entries) && restoredNames(layout, operation).includes(name),
          rollback,
        });
        const snapshot = layout.snapshot(operation.service, operation.id, name);
        await withoutLimit(layout, operation.service, name, async () => {
          if (undo === 'restore')
            await restoreSnapshot(snapshot, path, await inGroup(layout, operation.service, name));
          if (undo === 'remove') await removeData(path);
        });
        await removeDraft(path);
      }
      return undefined;
    },
  },

  switch: {
    async do({ layout, operation }) {
      if (operation.to) {
        const { release } = newBundle(layout, operation);
        for (const [name, { uid }] of Object.entries(release.data))
          await ensureData(
            layout.data(operation.service, name),
            uid,
            await inGroup(layout, operation.service, name),
          );
      }
      switchCurrent(layout, operation.service, operation.to);
      await applyRoutes(layout, operation.service);
      await applyBans(layout);
      return undefined;
    },
    async undo({ layout, operation }) {
      switchCurrent(layout, operation.service, operation.from);
      await applyRoutes(layout, operation.service);
      await applyBans(layout);
      return undefined;
    },
  },

  /** Of a restore: puts what was fetched in the place of what is there, of which there is a snapshot now. */
  replace: {
    async do({ layout, operation }) {
      await replaceData(layout, operation, newBundle(layout, operation).release);
      return undefined;
    },
    async undo({ layout, operation }) {
      await undoReplace(layout, operation.service, newBundle(layout, operation).release);
      return undefined;
    },
  },

  start: {
    async do(context) {
      const { layout, operation, agent } = context;
      const bundle = newBundle(layout, operation);
      const folder = layout.release(operation.service, operation.to!);
      // The data is as it was, and so is the program.
      if (operation.task?.kind === 'backup') {
        const start = () => startRelease(folder, bundle);
        if (operation.unhealthyBefore?.includes(operation.service)) return startUnwell(context, start);
        await start();
        return undefined;
      }
      if (operation.task || changesAccounts(oldRelease(layout, operation), bundle.release))
        await applyAccounts(layout, bundle.release);
      await startRelease(folder, bundle);
      crashPoint('containers:started');
      await settleRealm(layout, bundle.release, agent);
      return undefined;
    },
    async undo({ layout, operation }) {
      const folder = layout.release(operation.service, operation.to!);
      if (operation.from) await haltRelease(folder, operation.service);
      else await stopRelease(folder, operation.service);
      return undefined;
    },
  },

  check: {
    async do({ layout, operation, agent }) {
      const { release } = newBundle(layout, operation);
      await checkHealth(release, agent);
      // The run that deploys the login, too, checks the login of each service once all is there.
      if (await awaitsLogin(layout, release)) return undefined;
      // It may have come since `prepare`, and leaves a service that is being changed to its operation.
      if (release.login?.mayComeLater) await putAccountsRight(layout, [release]);
      await tellAccountsInTrial(layout, release);
      await tellCheckAdmin(layout, release);
      await checkLoginOf(layout, release, agent);
      return undefined;
    },
    undo: nothing,
  },

  'leave-maintenance': {
    async do(context) {
      const { layout, operation, entries } = context;
      let note: Note | undefined;
      if (isSwitchedOff(layout, operation.service)) await staySwitchedOff(layout, operation);
      else if (wasInterrupted(entries))
        note = await startUnwell(context, () => ensureRunning(layout, operation));
      await applyMaintenance(layout);
      return note;
    },
    undo: nothing,
  },

  tidy: {
    async do(context) {
      const { layout, operation } = context;
      await queueSnapshot(context);
      if (operation.task?.kind === 'backup') {
        await removeSnapshots(layout.snapshots(operation.service), [operation.id]);
        return undefined;
      }
      if (operation.task?.kind === 'restore') {
        const { source } = operation.task;
        if ('backup' in source) await noteRestored(layout, operation.service, source.backup);
        await removeFetched(layout, operation.service);
      }
      const { release } = newBundle(layout, operation);
      const old = oldRelease(layout, operation);
      if (!operation.to) await removeAccounts(layout, release, undefined);
      else if (old) await removeAccounts(layout, old, release);
      await removeDependencyNetworks(operation.service, operation.to ? release.dependsOn : []);
      // What a restore replaced is kept, so that its owner can change their mind.
      const restored = lastRestore(readJournal(layout.journal(operation.service)));
      const undoable = restored === undefined ? [] : [restored.op];
      await tidySnapshots(layout.snapshots(operation.service), keptSnapshots, undoable);
      const held = [operation.from, operation.to, ...(await releasesInUse(operation.service))];
      const former = formerReleasesOf(layout, operation.service, keptReleases, held);
      await dropReleases(layout, operation.service, former);
      return undefined;
    },
    undo: nothing,
  },
};

/** Has the snapshot that this operation took sent to the owner's place, where there is one. */
async function queueSnapshot({ layout, operation, entries }: StepContext): Promise<void> {
  const { taken = [] } = noteOf(entries, 'snapshot') as { taken?: string[] };
  const order = readBackupOrder(layout);
  if (!order || !operation.from) return;
  const { service, from, id } = operation;
  const { release } = loadBundle(layout, service, from);
  const data = backedUp(release, taken);
  if (data.length === 0) return;
  const begun = entries.findLast((each) => each.entry === 'do' && each.step === 'snapshot')!;
  await queueBackup(
    layout,
    {
      format: 1,
      haven: order.settings.haven,
      service,
      at: begun.at,
      release: from,
      version: release.version,
      data,
      why: operation.task?.kind === 'backup' ? operation.task.why : 'before-change',
    },
    id,
    layout.snapshot(service, id, ''),
  );
  crashPoint('backup:queued');
  await startUpload();
}

/** A backup counts once it was restored, and what it brought works. */
const noteRestored = (layout: Layout, service: string, id: string): Promise<void> =>
  changeBackupMemory(layout, (memory) =>
    rememberRestore(memory, service, { at: new Date().toISOString(), id }),
  );

function restoreOf({ task }: Operation): RestoreTask {
  if (task?.kind !== 'restore') throw new Error('This operation restores nothing.');
  return task;
}

/**
 * A service that its owner stopped was started only for the checks. When the service is removed, the note that it is
 * stopped goes too.
 */
async function staySwitchedOff(layout: Layout, operation: Operation): Promise<void> {
  if (operation.to) await haltRelease(layout.release(operation.service, operation.to), operation.service);
  else rmSync(layout.switchedOff(operation.service), { force: true });
}

/**
 * Starts a service that does not have to become healthy, because its data is not rolled back after this. Says what is
 * wrong with it; its containers run nevertheless, as after a reboot. Throws when Docker itself does not answer.
 */
async function startUnwell(context: StepContext, start: () => Promise<void>): Promise<Note | undefined> {
  try {
    await start();
    return undefined;
  } catch (error) {
    await releasesInUse(context.operation.service);
    await startContainers(context.operation.service);
    return { unwell: explain(context, error) };
  }
}

/** After a crash between commit and the end of maintenance, the new release may have to be started again. */
async function ensureRunning(layout: Layout, operation: Operation): Promise<void> {
  if (!operation.to) return;
  const folder = layout.release(operation.service, operation.to);
  if (await isRunning(folder, operation.service)) return;
  await startRelease(folder, loadBundle(layout, operation.service, operation.to));
}

function newBundle(layout: Layout, operation: Operation): Bundle {
  const hash = operation.to ?? operation.from;
  if (!hash || !hasBundle(layout, operation.service, hash)) {
    throw new Error(`The release ${hash} of ${operation.service} is not on this server. Run: haven up`);
  }
  return loadBundle(layout, operation.service, hash);
}

const oldRelease = (layout: Layout, { service, from }: Operation): Release | undefined =>
  from && hasBundle(layout, service, from) ? loadBundle(layout, service, from).release : undefined;

/** The data that this operation affects: that of the old release and of the new one, and what it restores. */
function dataNames(layout: Layout, operation: Operation): string[] {
  const names = [operation.from, operation.to]
    .filter((hash) => hash !== null && hasBundle(layout, operation.service, hash))
    .flatMap((hash) => Object.keys(loadBundle(layout, operation.service, hash!).release.data));
  return [...new Set([...names, ...restoredNames(layout, operation)])].sort();
}

/** An error's text, with the service's secrets redacted. */
export function explain({ layout, operation }: StepContext, error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const hashes = [operation.from, operation.to].filter(
    (hash) => hash !== null && hasBundle(layout, operation.service, hash),
  );
  return hashes.reduce<string>(
    (left, hash) => scrub(layout, loadBundle(layout, operation.service, hash!).release, left),
    text,
  );
}
