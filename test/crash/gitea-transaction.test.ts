import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { killMachine, startMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { backwardCrashPoints, forwardCrashPoints, randomFrom, seedOfThisRun } from '../support/crashes.ts';
import { brokenGiteaBundle, giteaBundle, makeGiteaRepository } from '../support/gitea-lab.ts';
import { type Lab, LabServer, openLab } from '../support/lab.ts';
import { PushLoad } from '../support/push-load.ts';

/**
 * The transaction with a program that is not ours: Gitea is changed under a constant load of pushes, and the agent is
 * killed. No commit that a push acknowledged may be lost.
 */
const random = randomFrom(seedOfThisRun());

let lab: Lab;
let server: LabServer;
let load: PushLoad;
let version = 0;

const release = () => giteaBundle(server, `Git ${version + 1}`);
const broken = () => brokenGiteaBundle(server, `Git ${version + 1}`);

before(async () => {
  lab = await openLab(['gitea']);
  server = await LabServer.create(lab, 'layer-gitea', 22);
  const first = await server.apply(release());
  version++;
  assert.equal(first.outcome, 'committed', JSON.stringify(first.entries));
  load = new PushLoad(server.id, await makeGiteaRepository(server));
  load.start();
});

after(async () => {
  await load?.forget();
  await server?.remove();
});

/** What must hold whenever a transaction has ended. */
async function judge(): Promise<void> {
  const before = load.acknowledged.size;
  await waitUntil('pushes to be taken again', () => load.acknowledged.size > before, { timeoutMs: 60_000 });
  await load.stop();
  const lost = await load.lost();
  assert.deepEqual(lost, [], `none of ${load.acknowledged.size} acknowledged pushes may be lost`);
  console.log(`${load.acknowledged.size} pushes acknowledged, none lost`);
  load.start();
}

for (const point of forwardCrashPoints) {
  test(`the agent is killed at ${point}, while users push`, async () => {
    const { outcome } = await server.apply(release(), { crashAt: point });
    if (outcome === 'committed') version++;
    const committed = forwardCrashPoints.indexOf(point) >= forwardCrashPoints.indexOf('commit:done');
    assert.equal(outcome, committed ? 'committed' : 'undone');
    await judge();
  });
}

for (const point of backwardCrashPoints) {
  test(`the agent is killed at ${point}, while it takes a release back and users push`, async () => {
    const { outcome } = await server.apply(broken(), { crashAt: point });
    assert.equal(outcome, 'undone');
    await judge();
  });
}

test('the machine is killed at a random moment of a release, while users push', async () => {
  const pause = Math.floor(random() * 12_000);
  console.log(`machine killed after ${pause} ms`);
  const { outcome } = await server.apply(release(), {
    whileRunning: async () => {
      await sleep(pause);
      await killMachine(server.id);
      await startMachine(server.id);
    },
  });
  if (outcome === 'committed') version++;
  await judge();
});
