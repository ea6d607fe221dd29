import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pointsInStepsOf } from '../../core/operations/crash-points.ts';
import { killMachine, startMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { backwardCrashPoints, forwardCrashPoints, randomFrom, seedOfThisRun } from '../support/crashes.ts';
import { openLab } from '../support/lab.ts';
import { LedgerUnderLoad } from '../support/ledger-under-load.ts';
import { startLoad } from '../support/load.ts';

/** The transaction under load, cut off at each point: the agent, Docker and the whole machine are killed. */
const random = randomFrom(seedOfThisRun());
let ledger: LedgerUnderLoad;

before(async () => {
  ledger = await LedgerUnderLoad.create(await openLab(), 'crash-tx', 20);
});
after(() => ledger?.remove());

for (const point of forwardCrashPoints)
  test(`the agent is killed at ${point}`, async () => {
    const { outcome } = await ledger.server.apply(ledger.next(), { crashAt: point });
    if (outcome === 'committed') ledger.version++;
    const committed = forwardCrashPoints.indexOf(point) >= forwardCrashPoints.indexOf('commit:done');
    assert.equal(outcome, committed ? 'committed' : 'undone');
    await ledger.mustServe();
  });

for (const point of backwardCrashPoints)
  test(`the agent is killed at ${point}, while it takes a release back`, async () => {
    const { outcome } = await ledger.server.apply(ledger.bad('destroy'), { crashAt: point });
    assert.equal(outcome, 'undone');
    await ledger.mustServe();
  });

for (const point of pointsInStepsOf('change'))
  test(`the agent is killed at ${point}, inside a step`, async () => {
    assert.equal((await ledger.server.apply(ledger.next(), { crashAt: point })).outcome, 'undone');
    await ledger.mustServe();
  });

for (const point of pointsInStepsOf('undo'))
  test(`the agent is killed at ${point}, inside a step, while it takes a release back`, async () => {
    assert.equal((await ledger.server.apply(ledger.bad('destroy'), { crashAt: point })).outcome, 'undone');
    await ledger.mustServe();
  });

for (const point of pointsInStepsOf('committed'))
  test(`the agent is killed at ${point}, inside a step after the commit`, async () => {
    assert.equal((await ledger.server.apply(ledger.next(), { crashAt: point })).outcome, 'committed');
    ledger.version++;
    await ledger.mustServe();
  });

for (const point of pointsInStepsOf('first'))
  test(`the agent is killed at ${point}, inside the first operation of a service`, async () => {
    await ledger.forget();
    assert.equal((await ledger.server.apply(ledger.bundle(), { crashAt: point })).outcome, 'undone');
    assert.equal((await ledger.server.apply(ledger.bundle())).outcome, 'committed');
    await startLoad(ledger.server.id);
    await ledger.mustServe();
  });

for (const round of [1, 2]) {
  test(`Docker is killed at a random moment (${round})`, async () => {
    const pause = Math.floor(random() * 6000);
    console.log(`Docker killed after ${pause} ms`);
    const { outcome } = await ledger.server.apply(ledger.next(), {
      whileRunning: async () => {
        await sleep(pause);
        const kill = 'pkill -KILL -x dockerd; pkill -KILL -x containerd';
        await tryOnMachine(ledger.server.id, ['sh', '-c', kill]);
      },
    });
    if (outcome === 'committed') ledger.version++;
    await ledger.mustServe();
  });

  test(`the machine is killed at a random moment (${round})`, async () => {
    const pause = Math.floor(random() * 6000);
    console.log(`machine killed after ${pause} ms`);
    const { outcome } = await ledger.server.apply(ledger.next(), {
      whileRunning: async () => {
        await sleep(pause);
        await killMachine(ledger.server.id);
        await startMachine(ledger.server.id);
      },
    });
    if (outcome === 'committed') ledger.version++;
    await startLoad(ledger.server.id);
    await ledger.mustServe();
  });
}
