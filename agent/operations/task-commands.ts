import { readBackupMemory } from '../backups/backup-memory.ts';
import { queued } from '../backups/queue.ts';
import { awaitUpload, startUpload } from '../backups/upload-unit.ts';
import type { Layout } from '../store/layout.ts';
import { backUpServices, type SnapshottedService, servicesWithData } from './back-up-services.ts';
import { type RestoreOrder, restoreService } from './restore-service.ts';

/** What `haven backup now` asks for. No services: all that have data. */
export interface BackupNowOrder {
  services: string[];
  by: string;
}

/** What became of the backup of one service. */
export interface BackedUp {
  service: string;
  /** The backup that is at the owner's place now; left out after a failure. */
  backup?: { id: string; at: string };
  why?: string;
}

/** The commands of the agent about backups and restores that are operations on services. */
export const taskCommands = (
  layout: Layout,
  agent: string[],
  standardInput: () => Promise<string>,
): Record<string, (args: string[]) => Promise<unknown>> => ({
  /** Backs services up, and waits until their backups are at the owner's place. Prints the journal's entries. */
  'backup-now': async () => backUpNow(layout, JSON.parse(await standardInput()) as BackupNowOrder, agent),
  /** Called by `haven-backup.timer`. The uploads follow in a unit of their own. */
  'backup-nightly': async () => {
    const services = servicesWithData(layout);
    const done = await backUpServices(layout, { services, why: 'nightly' }, agent, () => undefined);
    await startUpload();
    const failed = done.filter(({ why }) => why !== undefined);
    if (failed.length > 0) throw new Error(failed.map(sentence).join('\n'));
    return { backedUp: done.map(({ service }) => service) };
  },
  /** Restores a service's data. Prints the journal's entries, and the service's state at the end. */
  restore: async () => restoreService(layout, JSON.parse(await standardInput()) as RestoreOrder, agent),
});

const sentence = ({ service, why }: SnapshottedService): string => `${service} was not backed up: ${why}`;

async function backUpNow(layout: Layout, order: BackupNowOrder, agent: string[]): Promise<BackedUp[]> {
  const services = order.services.length > 0 ? order.services : servicesWithData(layout);
  const begun = new Date().toISOString();
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const taken = await backUpServices(layout, { services, why: 'asked', by: order.by }, agent, say);
  say(
    JSON.stringify({ uploading: taken.filter(({ why }) => why === undefined).map(({ service }) => service) }),
  );
  await awaitUpload();
  // An upload that was about to end has not seen what came last.
  if (queued(layout).some(({ manifest }) => manifest.at >= begun)) await awaitUpload();
  const memory = readBackupMemory(layout);
  return taken.map(({ service, why }) => {
    if (why !== undefined) return { service, why };
    const { success, failure } = memory[service] ?? {};
    if (success && success.at >= begun) return { service, backup: { id: success.id, at: success.at } };
    return {
      service,
      why: failure?.why ?? 'the upload was interrupted; the server tries again within the hour',
    };
  });
}
