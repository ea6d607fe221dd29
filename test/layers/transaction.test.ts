import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitUntil } from '../../system/wait-until.ts';
import { openLab } from '../support/lab.ts';
import { LedgerUnderLoad } from '../support/ledger-under-load.ts';

/**
 * The transaction for real: a Postgres on btrfs and a writer that never stops. What kills the agent meanwhile is in
 * test/crash/transaction-kills.test.ts, and what can't be undone at once in stuck-undo.test.ts.
 */
let ledger: LedgerUnderLoad;

before(async () => {
  ledger = await LedgerUnderLoad.create(await openLab(), 'layer-tx', 20);
});
after(() => ledger?.remove());

test('an upgrade under load is committed, and loses nothing', async () => {
  const { outcome } = await ledger.server.apply(ledger.next());
  assert.equal(outcome, 'committed');
  ledger.version++;
  await ledger.mustServe();
});

// A migration that spoils data before it fails is in the life of a cloud (test/e2e).
for (const [behaviour, reason] of [
  ['exit', /app ended with status 2[\s\S]*bad option: BEHAVIOUR=exit/],
  ['hang', /app did not become healthy in time[\s\S]*migration 2: rewriting the table/],
] as const)
  test(`a release that fails (${behaviour}) undoes itself, says why, and loses nothing`, async () => {
    const { outcome, entries } = await ledger.server.apply(ledger.bad(behaviour));
    assert.equal(outcome, 'undone');
    const failed = entries.find((each) => each.entry === 'failed');
    assert.match(failed?.entry === 'failed' ? failed.why : '', reason);
    await ledger.mustServe();
  });

test('a deploy whose image does not exist fails before anything stops', async () => {
  const bundle = ledger.next();
  bundle.release.images.IMAGE_APP = 'openhaven/no-such-image:1';
  const { outcome, entries } = await ledger.server.apply(bundle);
  assert.equal(outcome, 'undone');
  assert.ok(
    !entries.some((each) => each.entry === 'do' && each.step === 'enter-maintenance'),
    'nothing was stopped',
  );
  await ledger.mustServe();
});

test('an operation that runs can be aborted: it is undone', async () => {
  const { outcome, entries } = await ledger.server.apply(ledger.bad('hang'), {
    whileRunning: async () => {
      const isInTrial = async () => {
        const { linked, release } = await ledger.read();
        return linked !== release;
      };
      await waitUntil('the trial', isInTrial);
      assert.equal(
        ((await ledger.server.agent(['abort', 'ledger', 'ada@laptop'])) as { unwell: null }).unwell,
        null,
      );
    },
  });
  assert.equal(outcome, 'undone');
  assert.ok(!entries.some((each) => each.entry === 'failed'));
  await ledger.mustServe();
});
