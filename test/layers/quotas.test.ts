import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { DataQuota } from '../../agent/data/quotas.ts';
import { usableGb } from '../../core/config/quotas.ts';
import { limitBytes } from '../../core/operations/quota-limit.ts';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { openLab } from '../support/lab.ts';
import { LedgerUnderLoad } from '../support/ledger-under-load.ts';

/**
 * Quotas for real: a service that fills its data, while its database, which has a quota of its own, is written to
 * without pause. Each test frees what it wrote.
 */
let ledger: LedgerUnderLoad;
const quotas = { db: 1, files: 1 };
const data = '/srv/haven/services/ledger/data';
const snapshots = '/srv/haven/services/ledger/snapshots';

before(async () => {
  ledger = await LedgerUnderLoad.create(await openLab(), 'layer-quotas', 26);
  assert.equal((await ledger.server.setQuotas(ledger.bundle(), quotas)).code, 0);
  // It raises the limit of data that is full each minute, which could be while a test fills it.
  await onServer('systemctl stop haven-recover.timer haven-recover.service');
});
after(() => ledger?.remove());
beforeEach(() => free());

const onServer = async (script: string): Promise<string> =>
  (await onMachine(ledger.server.id, ['bash', '-c', script])).stdout.trim();
const recover = () => ledger.server.agent(['recover']);
const quotaOf = async (name: string): Promise<DataQuota> => {
  const { quotas } = await ledger.read();
  return quotas.find((each) => each.name === name)!;
};

/** A shell script that fills a file until the file system refuses more. Most of it is taken at once: to write it takes long. */
const filling = (path: string, takenMb = 900): string =>
  `fallocate -l ${takenMb}MB ${path}; head -c 3000M /dev/zero >> ${path}`;

/** Fills a file from inside the service's container, as its own user. Answers with its size. */
async function fill(path: string, takenMb?: number): Promise<number> {
  const script = `${filling(path, takenMb)}; stat -c %s ${path}; sync ${path}`;
  const done = await tryOnMachine(ledger.server.id, [
    'docker',
    'exec',
    'haven-ledger-app-1',
    'bash',
    '-c',
    script,
  ]);
  assert.match(done.stderr, /Disk quota exceeded/);
  return Number(done.stdout.trim());
}

async function free(): Promise<void> {
  await onServer(
    `find ${data}/files -mindepth 1 -type f -delete; rm -f ${data}/db/ballast; sync -f ${data}; find ${data}/files -mindepth 1 -maxdepth 1 -inum 256 -exec btrfs subvolume delete --commit-after {} ';'; mkdir -p ${snapshots}; find ${snapshots} -mindepth 2 -maxdepth 2 -exec btrfs subvolume delete --commit-after {} ';'`,
  );
  await recover();
}

test('a service that fills its data is refused more, and no other data notices', async () => {
  // All of it is written.
  const bytes = await fill('/files/fill', 1);
  assert.ok(bytes > 0.9e9 && bytes <= limitBytes(1), `${bytes} bytes were taken`);
  await ledger.mustAcceptRows();
  await free();
  assert.deepEqual(
    { ...(await quotaOf('files')), usedBytes: 0 },
    { name: 'files', usedBytes: 0, quotaGb: 1, isRaised: false },
  );
  await onServer(`docker exec haven-ledger-app-1 bash -c 'echo again > /files/again'`);
});

test('while data is full, a release that fails is undone, and one that works is committed', async () => {
  await fill('/files/fill');
  assert.equal((await ledger.server.apply(ledger.bad('exit'), { quotas })).outcome, 'undone');
  await ledger.mustServe();
  assert.equal((await ledger.server.apply(ledger.next(), { quotas })).outcome, 'committed');
  ledger.version++;
  await ledger.mustServe();
  await free();
});

/** Runs a command on the server as the user that the service's program runs as. */
const asService = (command: string) =>
  tryOnMachine(ledger.server.id, [
    ...['setpriv', '--reuid=2900', '--regid=2900', '--clear-groups'],
    ...['bash', '-c', command],
  ]);

test('subvolumes that a program makes in its data are counted, and none leaves its group', async () => {
  const nested = `${data}/files/nested`;
  assert.equal((await asService(`btrfs subvolume create ${nested}`)).code, 0);
  const filled = await asService(`${filling(`${nested}/fill`)}; stat -c %s ${nested}/fill`);
  assert.match(filled.stderr, /Disk quota exceeded/);
  assert.ok(Number(filled.stdout) <= limitBytes(1));
  assert.notEqual((await asService(`btrfs subvolume create -i 2/0 ${data}/files/other`)).code, 0);
});

test('a release that fills its data with subvolumes and is undone leaves none of them', async () => {
  await onServer(`docker exec haven-ledger-app-1 bash -c 'echo kept > /files/row'`);
  const hanging = ledger.bad('hang');
  // The trial is aborted once its data is full, however long that takes.
  hanging.release.startTimeoutSeconds = 120;
  const { outcome } = await ledger.server.apply(hanging, {
    quotas,
    whileRunning: async (op) => {
      const isInTrial = async () =>
        (await ledger.server.history('ledger')).some(
          (each) => each.entry === 'do' && each.op === op && each.step === 'start',
        );
      await waitUntil('the trial', isInTrial, { everyMs: 100 });
      const nested = `${data}/files/outer`;
      await asService(
        `btrfs subvolume create ${nested}; btrfs subvolume create ${nested}/inner; ${filling(`${nested}/inner/fill`)}`,
      );
      await ledger.server.agent(['abort', 'ledger', 'ada@laptop']);
    },
  });
  assert.equal(outcome, 'undone');
  await ledger.mustServe();
  assert.equal(await onServer(`ls ${data}/files; cat ${data}/files/row`), 'row\nkept');
  assert.equal((await quotaOf('files')).quotaGb, 1, 'its limit is in force again');
});

test('what is rewritten under snapshots gets its space back when the oldest of them are dropped', async () => {
  // Counted is what a commit of the file system has written.
  const write = `docker exec haven-ledger-app-1 bash -c 'rm -f /files/rows && fallocate -l 300MiB /files/rows && head -c 300M /dev/zero >> /files/rows' && sync -f ${data}`;
  await onServer(write);
  assert.equal((await ledger.server.apply(ledger.next(), { quotas })).outcome, 'committed');
  ledger.version++;
  await assert.rejects(onServer(write), /Disk quota exceeded/);
  await onServer(`sync -f ${data}`);
  await recover();
  const { isRaised, usedBytes } = await quotaOf('files');
  assert.equal(isRaised, false, 'a snapshot goes before the limit is raised');
  assert.ok(usedBytes < 0.7e9, `${usedBytes} bytes in use`);
  await onServer(write);
});

test('a database whose data is full starts again after its limit is raised, and has lost nothing', async () => {
  await onServer(`${filling(`${data}/db/ballast`, 700)} || true; sync ${data}/db/ballast`);
  const isDown = async () => !(await ledger.read()).healthy;
  const isRaised = async () => (await quotaOf('db')).isRaised;
  await waitUntil(
    'the database to fail, or its limit to be raised',
    async () => (await isDown()) || (await isRaised()),
    {
      timeoutMs: 120_000,
    },
  );
  await recover();
  assert.equal(await isRaised(), true);
  await ledger.mustServe();
  await onServer(`rm ${data}/db/ballast; sync -f ${data}`);
  await recover();
  assert.deepEqual(
    { ...(await quotaOf('db')), usedBytes: 0 },
    { name: 'db', usedBytes: 0, quotaGb: 1, isRaised: false },
  );
  await ledger.mustServe();
});

test('quotas change without an operation; one below what is in use is refused', async () => {
  const operations = (await ledger.server.history('ledger')).length;
  await onServer(
    `docker exec haven-ledger-app-1 bash -c 'fallocate -l 500MiB /files/rows; sync /files/rows'`,
  );
  assert.equal((await ledger.server.setQuotas(ledger.bundle(), { db: 1, files: 2 })).code, 0);
  assert.equal((await quotaOf('files')).quotaGb, 2);
  await onServer(
    `docker exec haven-ledger-app-1 bash -c 'fallocate -l 900MiB /files/more; sync /files/more'`,
  );
  const refused = await ledger.server.setQuotas(ledger.bundle(), quotas);
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /"files" of ledger takes [12]\.\d GB .*services\.ledger\.quotaGb\.files to [23] .*Nothing was changed/s,
  );
  assert.equal((await quotaOf('files')).quotaGb, 2);
  await free();
  assert.equal((await ledger.server.setQuotas(ledger.bundle(), quotas)).code, 0);
  assert.equal((await ledger.server.history('ledger')).length, operations, 'no operation was needed');
});

test('a limit that something else has changed is seen', async () => {
  const group = await onServer(
    `btrfs --format json qgroup show --raw -re /srv/haven | grep -B2 '"max_referenced": 1000000000' | grep -o '1/[0-9]*' | head -1`,
  );
  await onServer(`btrfs qgroup limit none ${group} /srv/haven`);
  const seen = [(await quotaOf('db')).quotaGb, (await quotaOf('files')).quotaGb];
  assert.ok(seen.includes(null), `${seen}`);
  assert.equal((await ledger.server.setQuotas(ledger.bundle(), quotas)).code, 0);
  assert.deepEqual([(await quotaOf('db')).quotaGb, (await quotaOf('files')).quotaGb], [1, 1]);
});

test('when all data together is full, journals can still be written, a change undone, and rows are accepted again', async () => {
  const size = Number(await onServer('stat -f -c "%b %S" /srv/haven | awk \'{print $1*$2}\''));
  const all = usableGb(Math.floor(size / 1e9));
  const larger = { db: 1, files: all };
  assert.equal((await ledger.server.setQuotas(ledger.bundle(), larger)).code, 0);
  await onServer(`docker exec haven-ledger-app-1 fallocate -l ${all - 1}GB /files/most`);
  const bytes = await fill('/files/fill');
  assert.ok(bytes > 0.5e9 && bytes <= 1e9, `${bytes} bytes were taken`);
  await onServer(`sync -f ${data}`);
  assert.equal((await ledger.server.apply(ledger.bad('exit'), { quotas: larger })).outcome, 'undone');
  // Gives the database a part of the reserve. Under this load it is soon used up, and the database stops with each row
  // that finds no space, so it is not asked before space is freed.
  await recover();
  await free();
  assert.equal((await ledger.server.setQuotas(ledger.bundle(), quotas)).code, 0);
  const limit = await onServer(`btrfs qgroup show --raw -re /srv/haven | awk '$1 == "2/0" { print $4 }'`);
  assert.equal(Number(limit), all * 1e9, 'the reserve is whole again');
  await ledger.mustServe();
});
