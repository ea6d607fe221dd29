import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { killMachine, onMachine, startMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { backwardCrashPoints, forwardCrashPoints, pick, randomFrom } from '../support/crashes.ts';
import { type Lab, LabServer, openLab } from '../support/lab.ts';
import { ledgerVersion, lostRows, startLoad, stopLoad } from '../support/load.ts';

/**
 * The transaction for real: a Postgres on btrfs, a writer that never stops, and an agent that is killed. Whatever
 * happens, afterwards the old or the new release serves, and every row that was ever acknowledged is there.
 */
const seed = Number(process.env.HAVEN_SEED ?? Date.now() % 100_000);
const everything = process.env.HAVEN_CRASH_TESTS === 'all';
const random = randomFrom(seed);
const sample = (points: string[], count: number) => (everything ? points : pick(points, count, random));

let lab: Lab;
let server: LabServer;
let version = 0;

before(async () => {
  console.log(`seed ${seed}${everything ? ', every point' : ''} (HAVEN_SEED=${seed} repeats it)`);
  lab = await openLab();
  server = await LabServer.create(lab, 'layer-tx', 20);
  const first = await server.apply(server.bundle('ledger', { version: String(version) }));
  assert.equal(first.outcome, 'committed');
  await startLoad(server.id);
});

after(async () => server.remove());

/** What must hold whenever a transaction has ended. */
async function judge(expected: string): Promise<void> {
  const state = await waitUntil(
    'the ledger to be healthy',
    async () => {
      const read = (await server.agent(['read', 'ledger'])) as {
        healthy: boolean;
        open: string | null;
        inMaintenance: boolean;
      };
      return read.healthy && read.open === null ? read : undefined;
    },
    { timeoutMs: 60_000 },
  );
  assert.equal(state.inMaintenance, false, 'it is out of maintenance');
  assert.equal(await ledgerVersion(server.id), expected);
  await stopLoad(server.id);
  const { lost, acknowledged } = await lostRows(server.id);
  assert.deepEqual(lost, [], `none of ${acknowledged} acknowledged rows may be lost`);
  await startLoad(server.id);
  const before = acknowledged;
  await waitUntil('the writer to be served again', async () => {
    return (
      Number((await onMachine(server.id, ['sh', '-c', 'wc -l < /var/tmp/acknowledged'])).stdout) > before
    );
  });
}

test('an upgrade under load is committed, and loses nothing', async () => {
  await sleep(300);
  const { outcome } = await server.apply(server.bundle('ledger', { version: String(++version) }));
  assert.equal(outcome, 'committed');
  await judge(String(version));
});

const failures = [
  ['exit', /app ended with status 2[\s\S]*bad option: BEHAVIOUR=exit/],
  ['destroy', /app ended with status 3[\s\S]*migration 2 failed: column "nonsense"/],
  ['hang', /app did not become healthy in time[\s\S]*migration 2: rewriting the table/],
] as const;
// That a program which ends or hangs is taken back is seen by `up` too, in the whole cloud's test.
for (const [behaviour, reason] of failures.filter(([each]) => everything || each === 'destroy')) {
  test(`a release that fails (${behaviour}) undoes itself, says why, and loses nothing`, async () => {
    const { outcome, entries } = await server.apply(server.bundle('ledger', { version: 'bad', behaviour }));
    assert.equal(outcome, 'undone');
    const failed = entries.find((each) => each.entry === 'failed');
    assert.match(failed?.entry === 'failed' ? failed.why : '', reason);
    await judge(String(version));
  });
}

test('an image that cannot be had fails before anything stops', async () => {
  const bundle = server.bundle('ledger', { version: 'bad' });
  bundle.release.images.IMAGE_APP = 'openhaven/no-such-image:1';
  const { outcome, entries } = await server.apply(bundle);
  assert.equal(outcome, 'undone');
  assert.ok(
    !entries.some((each) => each.entry === 'do' && each.step === 'enter-maintenance'),
    'nothing was stopped',
  );
  await judge(String(version));
});

for (const point of sample(forwardCrashPoints, 2)) {
  test(`the agent is killed at ${point}`, async () => {
    const { outcome } = await server.apply(server.bundle('ledger', { version: String(version + 1) }), {
      crashAt: point,
    });
    if (outcome === 'committed') version++;
    const committed = forwardCrashPoints.indexOf(point) >= forwardCrashPoints.indexOf('commit:done');
    assert.equal(outcome, committed ? 'committed' : 'undone');
    await judge(String(version));
  });
}

for (const point of sample(backwardCrashPoints, 1)) {
  test(`the agent is killed at ${point}, while it takes a release back`, async () => {
    const bad = server.bundle('ledger', { version: 'bad', behaviour: 'destroy' });
    const { outcome } = await server.apply(bad, { crashAt: point });
    assert.equal(outcome, 'undone');
    await judge(String(version));
  });
}

for (const round of [1, 2]) {
  test(`Docker is killed at a random moment (${round})`, async () => {
    const pause = Math.floor(random() * 6000);
    console.log(`Docker killed after ${pause} ms`);
    const { outcome } = await server.apply(server.bundle('ledger', { version: String(version + 1) }), {
      whileRunning: async () => {
        await sleep(pause);
        await tryOnMachine(server.id, ['sh', '-c', 'pkill -KILL -x dockerd; pkill -KILL -x containerd']);
      },
    });
    if (outcome === 'committed') version++;
    await judge(String(version));
  });

  test(`the machine is killed at a random moment (${round})`, async () => {
    const pause = Math.floor(random() * 6000);
    console.log(`machine killed after ${pause} ms`);
    const { outcome } = await server.apply(server.bundle('ledger', { version: String(version + 1) }), {
      whileRunning: async () => {
        await sleep(pause);
        await killMachine(server.id);
        await startMachine(server.id);
      },
    });
    if (outcome === 'committed') version++;
    await startLoad(server.id);
    await judge(String(version));
  });
}
