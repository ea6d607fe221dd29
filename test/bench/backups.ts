import assert from 'node:assert/strict';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { BackedUpLedger } from '../support/backed-up-ledger.ts';
import { stopLoad } from '../support/load.ts';
import { type Figure, seconds, timed } from './figure.ts';

const files = '/srv/haven/services/ledger/data/files';
const plain = '/srv/plain-restore';

/**
 * A backup of 1 GB that is new to the storage, and its restore, beside restic alone with the same files, the same storage
 * and a repository of its own.
 */
export async function benchBackups(): Promise<Figure[]> {
  const cloud = await BackedUpLedger.create('bench-backups', 25);
  const { server } = cloud.ledger;
  try {
    await stopLoad(server.id);
    const write = `dd if=/dev/urandom of=${files}/bench bs=1M count=1000 status=none; chown 2900:2900 ${files}/bench; sync`;
    await server.setQuotas(cloud.ledger.bundle(), { files: 4 });
    await onMachine(server.id, ['sh', '-c', write], { timeoutMs: 300_000 });
    const alone = cloud.beside('plain');
    await cloud.restic('init', alone);
    // The storage reads each file for the first time.
    await onMachine(server.id, ['sh', '-c', `cat ${files}/bench > /dev/null`]);
    const ours = await timed(async () => {
      const [done] = await cloud.backUp();
      assert.ok(done?.backup, JSON.stringify(done));
    });
    const theirs = await timed(() => cloud.restic(`backup ${files}`, alone));
    const [backup] = await cloud.list();
    const back = await timed(async () => {
      const { outcome } = await cloud.restore({ backup: backup!.id });
      assert.equal(outcome, 'committed');
    });
    const theirsBack = await timed(() => cloud.restic(`restore latest --target ${plain}`, alone));
    const figure = (what: string, mine: number, other: number): Figure => ({
      what,
      ours: seconds(mine),
      beside: `restic alone: ${seconds(other)}`,
      ratio: mine / other,
      limit: { ratio: 1.1 },
    });
    return [
      figure('backup of 1 GB, until it is at the storage', ours, theirs),
      figure('restore of 1 GB, until the service runs', back, theirsBack),
    ];
  } finally {
    await cloud.remove();
  }
}
