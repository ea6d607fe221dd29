import assert from 'node:assert/strict';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { BackedUpLedger } from '../support/backed-up-ledger.ts';
import { stopLoad } from '../support/load.ts';
import { type Figure, median, seconds, timed } from './figure.ts';

const files = '/srv/haven/services/ledger/data/files';
/** On the same disk as what we restore. */
const plain = '/srv/haven/plain-restore';

const rounds = 3;

/**
 * A backup of 1 GB that is new to the storage, and its restore, beside restic alone with the same files, the same storage
 * and a repository of its own. What a backup of almost nothing takes is told apart, and so is its restore: for us it has
 * the service's stop, start and checks, the dump of its database and what belongs to the server, whatever its size.
 */
export async function benchBackups(): Promise<Figure[]> {
  const cloud = await BackedUpLedger.create('bench-backups', 25, { volumeGb: 24 });
  const { server } = cloud.ledger;
  try {
    await stopLoad(server.id);
    await server.setQuotas(cloud.ledger.bundle(), { files: 12 });
    const alone = cloud.beside('plain');
    await cloud.restic('init', alone);
    const backUp = async () => {
      const [done] = await cloud.backUp();
      assert.ok(done?.backup, JSON.stringify(done));
    };
    const restore = async () => {
      const [backup] = await cloud.list();
      const { outcome } = await cloud.restore({ backup: backup!.id });
      assert.equal(outcome, 'committed');
    };
    /**
     * Files of so many MB that no backup has yet, both ways, there and back, in milliseconds. What is restored is on the disk
     * afterwards: ours always is.
     */
    const measure = async (megabytes: number) => {
      const write = `dd if=/dev/urandom of=${files}/bench bs=1M count=${megabytes} status=none; chown 2900:2900 ${files}/bench; rm -rf ${plain}; sync`;
      await onMachine(server.id, ['sh', '-c', write], { timeoutMs: 300_000 });
      // The disk has it ready, and no program does: ours reads a snapshot, of which nothing is in memory as of the file itself.
      const read = `cat ${files}/bench > /dev/null; dd if=${files}/bench iflag=nocache count=0 status=none`;
      await onMachine(server.id, ['sh', '-c', read]);
      return {
        backup: await timed(backUp),
        backupAlone: await timed(() => cloud.restic(`backup ${files}`, alone)),
        restore: await timed(restore),
        restoreAlone: await timed(() =>
          cloud.restic(`restore latest --target ${plain} && sync --file-system ${plain}`, alone),
        ),
      };
    };
    const medians = async (megabytes: number) => {
      const taken: Awaited<ReturnType<typeof measure>>[] = [];
      for (let round = 0; round < rounds; round++) taken.push(await measure(megabytes));
      const of = (what: keyof (typeof taken)[number]) => median(taken.map((each) => each[what]));
      return {
        backup: of('backup'),
        backupAlone: of('backupAlone'),
        restore: of('restore'),
        restoreAlone: of('restoreAlone'),
      };
    };
    // The first makes our repository.
    await backUp();
    const fixed = await medians(0);
    const all = await medians(1000);
    const figure = (
      what: string,
      ours: 'backup' | 'restore',
      beside: 'backupAlone' | 'restoreAlone',
    ): Figure => {
      const [mine, other] = [all[ours] - fixed[ours], all[beside] - fixed[beside]];
      return {
        what: `${what}, beside what one of almost nothing takes, medians of ${rounds}`,
        ours: `${seconds(mine)}, beside ${seconds(fixed[ours])}`,
        beside: `restic alone: ${seconds(other)}, beside ${seconds(fixed[beside])}`,
        ratio: mine / other,
        limit: { ratio: 1.1 },
      };
    };
    return [
      figure('backup of 1 GB, until it is at the storage', 'backup', 'backupAlone'),
      figure('restore of 1 GB, until the service runs', 'restore', 'restoreAlone'),
    ];
  } finally {
    await cloud.remove();
  }
}
