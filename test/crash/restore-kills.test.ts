import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pointsInStepsOf } from '../../core/operations/crash-points.ts';
import { backupSteps, restoreSteps } from '../../core/operations/entries.ts';
import { lastRestore } from '../../core/operations/history.ts';
import { BackedUpLedger } from '../support/backed-up-ledger.ts';
import { crashPointsOf, isCommittedAt } from '../support/crashes.ts';
import { acknowledged, lostRows, stopLoad } from '../support/load.ts';

/**
 * Backups and restores under load, whose agent is killed at each point. A restore that is undone leaves every acknowledged
 * row; one that is committed has those of the backup, and what it replaced can be brought back.
 */
let cloud: BackedUpLedger;
before(async () => {
  cloud = await BackedUpLedger.create('crash-restore', 20, { load: 'many' });
});
after(() => cloud?.remove());

const backupPoints = [...crashPointsOf(backupSteps), ...pointsInStepsOf('backup')];
for (const point of backupPoints)
  test(`the agent is killed at ${point}, in a backup`, async () => {
    const { outcome, entries } = await cloud.backUpCrashing(point);
    const isDone = isCommittedAt(crashPointsOf(backupSteps), point) || point === 'backup:queued';
    assert.equal(outcome, isDone ? 'committed' : 'undone', JSON.stringify(entries));
    await cloud.ledger.mustServe();
  });

const restorePoints = crashPointsOf(restoreSteps);
for (const point of [...restorePoints, ...pointsInStepsOf('restore')])
  test(`the agent is killed at ${point}, in a restore`, async () => {
    const promised = await acknowledged(cloud.machine);
    const [done] = await cloud.backUp();
    assert.ok(done?.backup, JSON.stringify(done));
    const isDone = isCommittedAt(restorePoints, point);
    // What is accepted after a restore goes with it when what it replaced comes back.
    if (isDone) await stopLoad(cloud.machine);
    const { outcome, entries } = await cloud.restore({ backup: done.backup.id }, { crashAt: point });
    assert.equal(outcome, isDone ? 'committed' : 'undone', JSON.stringify(entries));
    if (isDone) {
      const { lost } = await lostRows(cloud.machine);
      assert.deepEqual(
        lost.filter((id) => promised.includes(id)),
        [],
      );
      const replaced = lastRestore(await cloud.ledger.server.history('ledger'))!;
      assert.equal((await cloud.restore({ snapshot: replaced.op })).outcome, 'committed');
      await cloud.ledger.startLoad();
    }
    await cloud.ledger.mustServe();
  });
