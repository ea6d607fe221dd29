import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { forwardSteps } from '../../core/operations/entries.ts';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { openLab } from '../support/lab.ts';
import { LedgerUnderLoad } from '../support/ledger-under-load.ts';

/**
 * At each step of a change the agent is killed, and from then on all data of the service is full, its database's too.
 * The operation ends all the same, and once space is freed everything that was acknowledged is there.
 */
const quotas = { db: 1, files: 1 };
const data = '/srv/haven/services/ledger/data';
let ledger: LedgerUnderLoad;

before(async () => {
  ledger = await LedgerUnderLoad.create(await openLab(), 'crash-full', 27, { load: 'many' });
  assert.equal((await ledger.server.setQuotas(ledger.bundle(), quotas)).code, 0);
});
after(() => ledger?.remove());

const onServer = async (script: string): Promise<string> =>
  (await onMachine(ledger.server.id, ['bash', '-c', script])).stdout.trim();

/** What fits at once, and then the rest until the file system refuses more. */
async function fill(name: keyof typeof quotas): Promise<void> {
  const file = `${data}/${name}/ballast`;
  const script = `fallocate -l 700MB ${file}; head -c 3000M /dev/zero >> ${file}; sync ${file}`;
  const { stderr } = await tryOnMachine(ledger.server.id, ['bash', '-c', script]);
  assert.match(stderr, /Disk quota exceeded/);
}

async function free(): Promise<void> {
  await onServer(`rm -f ${data}/*/ballast; sync -f ${data}`);
  await ledger.server.agent(['recover']);
}

/** The steps that a change comes to: its release ends right after its start when it fails. */
const steps = {
  works: forwardSteps,
  fails: forwardSteps.slice(0, forwardSteps.indexOf('start') + 1),
};
for (const behaviour of ['works', 'fails'] as const)
  for (const step of steps[behaviour])
    test(`data is full from ${step} on, in a change that ${behaviour}`, async () => {
      const release = behaviour === 'works' ? ledger.next() : ledger.bad('exit');
      const { outcome } = await ledger.server.apply(release, {
        crashAt: `do:${step}:begun`,
        quotas,
        afterCrash: async () => {
          await fill('files');
          await fill('db');
        },
      });
      assert.equal(outcome, 'undone');
      await free();
      await ledger.mustServe();
    });
