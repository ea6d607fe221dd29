import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Backup } from '../../core/backups/backup.ts';
import { lastRestore } from '../../core/operations/history.ts';
import { setInternetFaults } from '../../sandbox/control.ts';
import { storageName } from '../../sandbox/internet/storage/names.ts';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { BackedUpLedger } from '../support/backed-up-ledger.ts';
import type { LedgerUnderLoad } from '../support/ledger-under-load.ts';
import { acknowledged, lostRows, stopLoad } from '../support/load.ts';

/**
 * Backups and restores for real: a Postgres on btrfs, restic, and an S3 server. Rows are acknowledged all the time; what a
 * backup has is judged by them.
 */
let cloud: BackedUpLedger;
let ledger: LedgerUnderLoad;
before(async () => {
  cloud = await BackedUpLedger.create('layer-restore', 33);
  ledger = cloud.ledger;
});
after(() => cloud?.remove());

/** A backup, and the rows that were acknowledged before it began. */
let backup: Backup;
let promised: string[];

test('a backup under load has every row that was acknowledged before it, and loses none', async () => {
  promised = await acknowledged(cloud.machine);
  const done = await cloud.backUp();
  assert.ok(done[0]?.backup, JSON.stringify(done));
  backup = (await cloud.list())[0]!;
  const { id, service, data, why, version } = backup;
  assert.deepEqual(
    { id, service, data, why, version },
    { id: done[0].backup.id, service: 'ledger', data: ['db', 'files'], why: 'asked', version: '1' },
  );
  await ledger.mustServe();
});

test('what is in a backup can be read without haven: data, secrets, release, and a dump of the database', async () => {
  const files = (await cloud.restic(`ls ${backup.id}`)).split('\n');
  for (const path of [
    'data/db/pgdata/PG_VERSION',
    'data/files',
    'bundle.json',
    'manifest.json',
    'database.dump',
  ])
    assert.ok(files.includes(`/${path}`), `${path} is in it`);
  assert.ok(files.includes('/secrets/db-password.1'));
  const read = 'docker exec -i haven-ledger-db-1 pg_restore --data-only -f -';
  const dumped = await cloud.restic(`dump ${backup.id} /database.dump | ${read}`);
  const rows = new Set(dumped.split('\n').map((line) => line.split('\t')[0]));
  assert.deepEqual(
    promised.filter((id) => !rows.has(id)),
    [],
    'the dump has them, too',
  );
});

test('a restore brings the data of the backup back; what was there can be brought back, too', async () => {
  await stopLoad(cloud.machine);
  const before = await acknowledged(cloud.machine);
  const { outcome, entries } = await cloud.restore({ backup: backup.id });
  assert.equal(outcome, 'committed', JSON.stringify(entries));
  const now = await lostRows(cloud.machine);
  assert.ok(now.lost.length > 0, 'rows from after the backup are gone');
  assert.deepEqual(
    now.lost.filter((id) => promised.includes(id)),
    [],
    'rows from before it are there',
  );
  const replaced = lastRestore(await ledger.server.history('ledger'))!;
  assert.equal((await cloud.restore({ snapshot: replaced.op })).outcome, 'committed');
  assert.deepEqual((await lostRows(cloud.machine)).lost, [], `all ${before.length} rows are back`);
  await ledger.startLoad();
  await ledger.mustServe();
});

// Every point is in test/crash/restore-kills.test.ts.
for (const crashAt of ['fetched:data', 'replaced:data', 'do:check:effect'])
  test(`a restore that is killed at ${crashAt} is undone, and loses nothing`, async () => {
    const { outcome, entries } = await cloud.restore({ backup: backup.id }, { crashAt });
    assert.equal(outcome, 'undone', JSON.stringify(entries));
    await ledger.mustServe();
    const left = await onMachine(cloud.machine, ['ls', '-A', '/srv/haven/services/ledger']);
    assert.ok(!left.stdout.includes('fetched'), left.stdout);
  });

test('a deploy backs up what was there before it', async () => {
  const { outcome, op } = await ledger.server.apply(ledger.next());
  assert.equal(outcome, 'committed', op);
  ledger.version++;
  const upload = await tryOnMachine(cloud.machine, ['systemctl', 'start', 'haven-backup-upload.service']);
  assert.equal(upload.code, 0, upload.stderr);
  assert.equal((await cloud.list())[0]?.why, 'before-change');
  await ledger.mustServe();
});

test('a storage that refuses fails the backup with its reason; the next one brings both', async () => {
  const before = await cloud.list();
  await setInternetFaults({ [storageName]: 'denied' });
  const [refused] = await cloud.backUp();
  assert.match(refused?.why ?? '', /your-objectstorage\.com/);
  await setInternetFaults({ [storageName]: null });
  const [done] = await cloud.backUp();
  assert.equal(done?.why, undefined);
  const now = await cloud.list();
  assert.equal(now.length, before.length + 2, 'the refused one, which waited, and the new one');
  await ledger.mustServe();
});
