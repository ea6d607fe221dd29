import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pointsInStepsOf } from '../../core/operations/crash-points.ts';
import { killMachine, startMachine, stopMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import {
  backwardCrashPoints,
  chooseSome,
  forwardCrashPoints,
  isCommittedAt,
  randomFrom,
  seedOfThisRun,
} from '../support/crashes.ts';
import { openLab } from '../support/lab.ts';
import { LedgerUnderLoad } from '../support/ledger-under-load.ts';

/**
 * The transaction under load, cut off at each point. The agent is killed at every one of them; there Docker or the whole
 * machine is killed too, at ten that the seed chooses, or at all of them with HAVEN_CRASH=all.
 */
interface Cut {
  point: string;
  /** A release that fails is on its way back. */
  release: 'works' | 'fails';
  outcome: 'committed' | 'undone';
}

const isCommitted = (point: string): boolean => isCommittedAt(forwardCrashPoints, point);
const cuts: Cut[] = [
  ...forwardCrashPoints.map(
    (point): Cut => ({ point, release: 'works', outcome: isCommitted(point) ? 'committed' : 'undone' }),
  ),
  ...backwardCrashPoints.map((point): Cut => ({ point, release: 'fails', outcome: 'undone' })),
  ...pointsInStepsOf('change').map((point): Cut => ({ point, release: 'works', outcome: 'undone' })),
  ...pointsInStepsOf('undo').map((point): Cut => ({ point, release: 'fails', outcome: 'undone' })),
  ...pointsInStepsOf('committed').map((point): Cut => ({ point, release: 'works', outcome: 'committed' })),
];

const onServer = (script: string) => tryOnMachine(ledger.server.id, ['sh', '-c', script]);
/** What is done besides, once the agent is killed. */
const victims = {
  'the agent': async () => undefined,
  'the agent and Docker': () => onServer('pkill -KILL -x dockerd; pkill -KILL -x containerd'),
  'the machine': async () => {
    await killMachine(ledger.server.id);
    await startMachine(ledger.server.id);
  },
  // What Debian's packages of docker.io and containerd do when they are replaced (deb-systemd-invoke(1p)).
  'the agent, while Docker is upgraded,': () =>
    onServer('systemctl stop docker.socket docker containerd; systemctl start containerd docker'),
  // As after an upgrade of the kernel.
  'the agent, before a reboot,': async () => {
    await stopMachine(ledger.server.id);
    await startMachine(ledger.server.id);
  },
};

const random = randomFrom(seedOfThisRun());
const chosen = (count: number): Cut[] =>
  process.env.HAVEN_CRASH === 'all' ? cuts : chooseSome(cuts, count, random);
const plan: Record<keyof typeof victims, Cut[]> = {
  'the agent': cuts,
  'the agent and Docker': chosen(10),
  'the machine': chosen(10),
  'the agent, while Docker is upgraded,': chosen(1),
  'the agent, before a reboot,': chosen(1),
};

let ledger: LedgerUnderLoad;
before(async () => {
  ledger = await LedgerUnderLoad.create(await openLab(), 'crash-tx', 20, { load: 'many' });
});
after(() => ledger?.remove());

for (const [victim, each] of Object.entries(plan) as [keyof typeof victims, Cut[]][])
  for (const { point, release, outcome } of each)
    test(`${victim} is killed at ${point}, in a change that ${release}`, async () => {
      const bundle = release === 'works' ? ledger.next() : ledger.bad('destroy');
      const applied = await ledger.server.apply(bundle, {
        crashAt: point,
        afterCrash: async () => void (await victims[victim]()),
      });
      if (applied.outcome === 'committed') ledger.version++;
      assert.equal(applied.outcome, outcome, JSON.stringify(applied.entries));
      await ledger.startLoad();
      await ledger.mustServe();
    });

for (const point of pointsInStepsOf('first'))
  test(`the agent is killed at ${point}, inside the first operation of a service`, async () => {
    await ledger.forget();
    assert.equal((await ledger.server.apply(ledger.bundle(), { crashAt: point })).outcome, 'undone');
    const again = await ledger.server.apply(ledger.bundle());
    assert.equal(again.outcome, 'committed', JSON.stringify(again.entries));
    await ledger.startLoad();
    await ledger.mustServe();
  });
