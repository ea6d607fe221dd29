import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import {
  brokenGiteaBundle,
  giteaBundle,
  giteaLogin,
  giteaOrigin,
  makeGiteaRepository,
} from '../support/gitea-lab.ts';
import { openLab } from '../support/lab.ts';
import { LedgerUnderLoad } from '../support/ledger-under-load.ts';
import { PushLoad } from '../support/push-load.ts';

/**
 * A user of Gitea fills its data by what Gitea is for: uploads of packages, until no more is taken, and pushes meanwhile. Another
 * service goes on, a change of Gitea can be undone, and a larger quota counts at once.
 */
let ledger: LedgerUnderLoad;
let load: PushLoad;
const release = () => giteaBundle(ledger.server, 'Git');

/** What Gitea answers to a request of the user, as curl sees it: 000 where it closes the connection. */
const ask = async (...more: string[]): Promise<string> =>
  (
    await tryOnMachine(ledger.server.id, [
      'curl',
      '-s',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      '-u',
      giteaLogin,
      ...more,
    ])
  ).stdout;
const packageUrl = (number: number) => `${giteaOrigin}/api/packages/ada/generic/big/${number}/file`;

before(async () => {
  ledger = await LedgerUnderLoad.create(await openLab(['ledger', 'gitea']), 'crash-upload', 48, {
    load: 'many',
  });
  const { outcome, entries } = await ledger.server.apply(release());
  assert.equal(outcome, 'committed', JSON.stringify(entries));
  assert.equal((await ledger.server.setQuotas(release(), { files: 1, db: 1 })).code, 0);
  load = new PushLoad(ledger.server.id, await makeGiteaRepository(ledger.server));
  load.start();
});
after(async () => {
  await load?.forget();
  await ledger?.remove();
});

test('uploads fill the data of Gitea: they are refused, all else goes on, and a larger quota makes room', async () => {
  const taken: number[] = [];
  const answers = new Map<number, string>();
  await onMachine(ledger.server.id, ['sh', '-c', 'head -c 150M /dev/urandom > /var/tmp/big']);
  for (let number = 1; number <= 12; number++) {
    // Each is another file, because Gitea stores the same one once.
    await onMachine(ledger.server.id, ['sh', '-c', `echo ${number} >> /var/tmp/big`]);
    const answer = await ask('-T', '/var/tmp/big', packageUrl(number));
    answers.set(number, answer);
    if (answer === '201') taken.push(number);
  }
  console.log(`answers to 12 uploads of 150 MB: ${[...answers.values()].join(' ')}`);
  assert.ok(
    taken.length >= 4 && taken.length <= 8,
    'as many as fit into 1 GB, and what it is raised by, were taken',
  );
  await ledger.mustAcceptRows();
  assert.equal((await ledger.server.apply(brokenGiteaBundle(ledger.server, 'broken'))).outcome, 'undone');
  await ledger.mustAcceptRows();
  assert.equal((await ledger.server.setQuotas(release(), { files: 2, db: 1 })).code, 0);
  assert.equal(await ask('-T', '/var/tmp/big', packageUrl(13)), '201', 'a larger quota counts at once');
  const before = load.acknowledged.size;
  await waitUntil('pushes to be taken', () => load.acknowledged.size > before, { timeoutMs: 120_000 });
  await load.stop();
  assert.deepEqual(
    await load.lost(),
    [],
    `none of ${load.acknowledged.size} acknowledged pushes may be lost`,
  );
  console.log(`${load.acknowledged.size} pushes acknowledged, none lost`);
});
