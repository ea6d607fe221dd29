import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Bundle } from '../../core/release/release.ts';
import { loopbackPort } from '../../core/release/render-release.ts';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import gitea from '../../services/gitea/service.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { openLab } from '../support/lab.ts';
import { LedgerUnderLoad } from '../support/ledger-under-load.ts';
import { acknowledged } from '../support/load.ts';
import { PushLoad } from '../support/push-load.ts';

/**
 * A user of Gitea fills its data by what Gitea is for: uploads of packages, until no more is taken, and pushes meanwhile. Another
 * service goes on, a change of Gitea can be undone, and a larger quota counts at once.
 */
const port = loopbackPort(gitea, 'http');
const origin = `http://127.0.0.1:${port}`;
const login = 'ada:Correct-horse-7';
let ledger: LedgerUnderLoad;
let load: PushLoad;

/** Without its login, which needs a whole cloud around it. A program that asks for it is refused at once, so it does not wait. */
function release(title: string): Bundle {
  const bundle = ledger.server.bundle('gitea', { title });
  delete bundle.release.login;
  delete bundle.release.userHooks;
  const text = bundle.files['compose.yaml']!;
  bundle.files['compose.yaml'] = text.replaceAll(':host-gateway', ':127.0.0.1');
  return bundle;
}

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
      login,
      ...more,
    ])
  ).stdout;
const packageUrl = (number: number) => `${origin}/api/packages/ada/generic/big/${number}/file`;

async function mustAcceptRows(): Promise<void> {
  const rows = (await acknowledged(ledger.server.id)).length;
  const isMore = async () => (await acknowledged(ledger.server.id)).length > rows + 5;
  await waitUntil('rows of the other service to be acknowledged', isMore, { timeoutMs: 60_000 });
}

before(async () => {
  ledger = await LedgerUnderLoad.create(await openLab(['ledger', 'gitea']), 'crash-upload', 48);
  const { outcome, entries } = await ledger.server.apply(release('Git'));
  assert.equal(outcome, 'committed', JSON.stringify(entries));
  assert.equal((await ledger.server.setQuotas(release('Git'), { files: 1, db: 1 })).code, 0);
  const user = ['--username', 'ada', '--password', login.split(':')[1]!, '--email', 'ada@example.org'];
  const make = ['gitea', 'admin', 'user', 'create', ...user, '--must-change-password=false'];
  await onMachine(ledger.server.id, ['haven-agent', 'exec', 'gitea', '-', ...make]);
  const body = ['-H', 'Content-Type: application/json', '-d', '{"name":"load"}'];
  assert.equal(await ask(...body, `${origin}/api/v1/user/repos`), '201');
  load = new PushLoad(ledger.server.id, `http://${login}@127.0.0.1:${port}/ada/load.git`);
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
  await mustAcceptRows();
  const broken = release('broken');
  broken.release.startTimeoutSeconds = 12;
  broken.files['compose.yaml'] = broken.files['compose.yaml']!.replace('DB_TYPE: postgres', 'DB_TYPE: none');
  assert.equal((await ledger.server.apply(broken)).outcome, 'undone');
  await mustAcceptRows();
  assert.equal((await ledger.server.setQuotas(release('Git'), { files: 2, db: 1 })).code, 0);
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
