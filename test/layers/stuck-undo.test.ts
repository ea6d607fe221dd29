import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { releaseHash } from '../../core/release/release.ts';
import { onMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { openLab } from '../support/lab.ts';
import { LedgerUnderLoad } from '../support/ledger-under-load.ts';

/** An undo that does not work, for real: the old release is damaged, too. A Postgres on btrfs, and a writer that never stops. */
let ledger: LedgerUnderLoad;

before(async () => {
  ledger = await LedgerUnderLoad.create(await openLab(), 'layer-undo', 64);
});
after(() => ledger?.remove());

const services = '/srv/haven/services/ledger';
const onServer = async (script: string): Promise<string> =>
  (await onMachine(ledger.server.id, ['sh', '-c', script])).stdout.trim();

test('a fix that fails, too, leaves a service as unhealthy as it was, and out of maintenance', async () => {
  const version = `${services}/data/db/pgdata/PG_VERSION`;
  const hash = releaseHash(ledger.bundle());
  await onServer(`mv ${version} ${version}.away; docker restart haven-ledger-db-1 haven-ledger-app-1`);
  const { outcome, entries, op } = await ledger.server.apply(ledger.next());
  assert.equal(outcome, 'undone');
  const last = entries.at(-1);
  assert.match(last?.entry === 'finished' ? (last.unwell ?? '') : '', /db .*PG_VERSION|db .*not a valid/s);
  assert.deepEqual(await ledger.read(), {
    ...(await ledger.read()),
    ...{ release: hash, linked: hash, open: null, inMaintenance: false, healthy: false },
  });
  const kept = (await onServer(`ls ${services}/snapshots`)).split('\n');
  assert.ok(kept.length > 0 && !kept.includes(op), 'the snapshot of what was undone is deleted');
  // Its containers run as before, so what repairs them from outside is enough.
  await onServer(`mv ${version}.away ${version}`);
  await waitUntil('the ledger to recover', async () => (await ledger.read()).healthy, { timeoutMs: 60_000 });
  assert.equal((await ledger.server.apply(ledger.next())).outcome, 'committed');
  ledger.version++;
  await ledger.mustServe();
});

/** A release that fails, while the release before it is damaged so that it can't be started again. */
async function getStuck() {
  const compose = `${services}/releases/${releaseHash(ledger.bundle())}/compose.yaml`;
  const entriesOf = async (op: string) =>
    (await ledger.server.history('ledger')).filter((each) => 'op' in each && each.op === op);
  let isStuck = () => {};
  const stuck = new Promise<void>((resolve) => {
    isStuck = resolve;
  });
  const ended = ledger.server.apply(ledger.bad('exit'), {
    whileRunning: async (op) => {
      const isTrial = async () =>
        (await entriesOf(op)).some((each) => each.entry === 'do' && each.step === 'start');
      await waitUntil('the trial', isTrial, { everyMs: 100 });
      await onServer(`cp ${compose} /root/compose.yaml; echo 'broken: [' >> ${compose}`);
      const tries = async () => (await entriesOf(op)).filter((each) => each.entry === 'retry').length >= 3;
      await waitUntil('the undo to be tried three times', tries, { timeoutMs: 120_000, everyMs: 500 });
      isStuck();
    },
  });
  await Promise.race([stuck, ended]);
  return { ended, fix: () => onServer(`cp /root/compose.yaml ${compose}`) };
}

test('an undo that is stuck gives way to the next release', async () => {
  const { ended } = await getStuck();
  const state = await ledger.read();
  assert.deepEqual([state.inMaintenance, state.open !== null], [true, true]);
  assert.equal((await ledger.server.apply(ledger.next())).outcome, 'committed');
  ledger.version++;
  const { outcome, entries } = await ended;
  assert.equal(outcome, 'undone');
  assert.ok(entries.some((each) => each.entry === 'abort'));
  await ledger.mustServe();
});

test('an undo that is stuck can be aborted: the release and data from before, out of maintenance', async () => {
  const { ended, fix } = await getStuck();
  const aborted = await ledger.server.agent(['abort', 'ledger', 'ada@laptop']);
  const { entries } = await ended;
  const opened = entries[0];
  assert.deepEqual(aborted, {
    service: 'ledger',
    operation: opened?.entry === 'open' ? opened.operation.id : '',
    outcome: 'undone',
    unwell: (aborted as { unwell: string }).unwell,
  });
  assert.match((aborted as { unwell: string }).unwell, /yaml/);
  const { release, open, inMaintenance } = await ledger.read();
  assert.deepEqual([release, open, inMaintenance], [releaseHash(ledger.bundle()), null, false]);
  await fix();
  assert.equal((await ledger.server.apply(ledger.next())).outcome, 'committed');
  ledger.version++;
  await ledger.mustServe();
});
