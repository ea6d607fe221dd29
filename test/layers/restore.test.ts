import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { BackedUp } from '../../agent/operations/task-commands.ts';
import type { RestoreOrder } from '../../agent/operations/restore-service.ts';
import type { Backup } from '../../core/backups/backup.ts';
import type { BackupOrder } from '../../core/backups/backup-settings.ts';
import type { Entry, RestoreTask } from '../../core/operations/entries.ts';
import { lastRestore } from '../../core/operations/history.ts';
import { createBucket, setInternetFaults } from '../../sandbox/control.ts';
import { storageName } from '../../sandbox/internet/storage/names.ts';
import { storageTasks } from '../../sandbox/internet/storage/program.ts';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { openInternet } from '../support/internet.ts';
import { labClaim, openLab } from '../support/lab.ts';
import { LedgerUnderLoad } from '../support/ledger-under-load.ts';
import { acknowledged, lostRows, startLoad, stopLoad } from '../support/load.ts';

/**
 * Backups and restores for real: a Postgres on btrfs, restic, and an S3 server. Rows are acknowledged all the time; what a
 * backup has is judged by them.
 */
let ledger: LedgerUnderLoad;
let closeInternet: () => Promise<void>;
let order: BackupOrder;

before(async () => {
  const lab = await openLab(['ledger'], { also: storageTasks });
  closeInternet = await openInternet(lab);
  ledger = await LedgerUnderLoad.create(lab, 'layer-restore', 34);
  const { endpoint, bucket, region, key, secret } = await createBucket(`restore-${Date.now()}`);
  order = {
    settings: {
      haven: 'lab',
      place: { kind: 's3', endpoint, bucket, region, folder: 'lab' },
      ...{ time: '03:30', timeZone: 'UTC', keep: { days: 7, weeks: 5, months: 12 } },
      secrets: { 'backup-s3-key': 1, 'backup-s3-secret': 1, 'backup-password': 1 },
    },
    secrets: { 'backup-s3-key': key, 'backup-s3-secret': secret, 'backup-password': 'a password of the lab' },
  };
  await ledger.server.agent(['backup-put'], JSON.stringify(order));
});
after(async () => {
  await ledger?.remove();
  await closeInternet?.();
});

const agent = async <T>(args: string[], input: object = {}): Promise<T> => {
  const { stdout } = await onMachine(ledger.server.id, ['haven-agent', ...args], { input: JSON.stringify(input) });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as T;
};
const backUp = () => agent<BackedUp[]>(['backup-now'], { services: ['ledger'], by: 'ada@laptop' });

async function restore(
  source: RestoreTask['source'],
  { crashAt }: { crashAt?: string } = {},
): Promise<{ entries: Entry[]; outcome: string }> {
  const id = `op-${Date.now()}`;
  const task: RestoreTask = { kind: 'restore', source, at: new Date().toISOString() };
  const wanted: RestoreOrder = { id, service: 'ledger', task, claim: labClaim };
  const env = crashAt ? ['env', `HAVEN_CRASH_AT=${crashAt}`] : [];
  await onMachine(ledger.server.id, ['rm', '-rf', '/run/haven/crashed']);
  const input = JSON.stringify(wanted);
  const asked = await tryOnMachine(ledger.server.id, [...env, 'haven-agent', 'restore'], { input });
  const entries = await ledger.server.closed('ledger', id);
  const last = entries.at(-1);
  return { entries, outcome: last?.entry === 'finished' ? last.outcome : asked.stderr };
}

/** A backup, and the rows that were acknowledged before it began. */
let backup: Backup;
let promised: string[];

test('a backup under load has every row that was acknowledged before it, and loses none', async () => {
  promised = await acknowledged(ledger.server.id);
  const done = await backUp();
  assert.deepEqual(done, [{ service: 'ledger', backup: done[0]?.backup }], JSON.stringify(done));
  const listed = await agent<Backup[]>(['backup-list', 'ledger']);
  backup = listed[0]!;
  assert.deepEqual(
    { id: backup.id, service: backup.service, data: backup.data, why: backup.why, version: backup.version },
    { id: done[0]!.backup!.id, service: 'ledger', data: ['db', 'files'], why: 'asked', version: '1' },
  );
  await ledger.mustServe();
});

/** restic itself, on the server, with nothing of ours but the place and the password. */
const restic = async (args: string): Promise<string> => {
  const { place } = order.settings;
  assert.ok(place.kind === 's3');
  const { secrets } = order;
  const env = [
    `RESTIC_REPOSITORY=s3:${place.endpoint}/${place.bucket}/${place.folder}`,
    `RESTIC_PASSWORD='${secrets['backup-password']}'`,
    `AWS_ACCESS_KEY_ID=${secrets['backup-s3-key']}`,
    `AWS_SECRET_ACCESS_KEY=${secrets['backup-s3-secret']}`,
    `AWS_DEFAULT_REGION=${place.region}`,
  ].join(' ');
  const script = `${env} restic --no-cache -o s3.bucket-lookup=path ${args}`;
  return (await onMachine(ledger.server.id, ['sh', '-c', script])).stdout;
};

test('what is in a backup can be read without haven: data, secrets, release, and a dump of the database', async () => {
  const files = await restic(`ls ${backup.id}`);
  const top = '/run/haven/backup/ledger';
  for (const path of ['data/db/pgdata/PG_VERSION', 'data/files', 'bundle.json', 'manifest.json', 'database.dump'])
    assert.ok(files.split('\n').includes(`${top}/${path}`), `${path} is in it`);
  assert.match(files, /\/run\/haven\/backup\/ledger\/secrets\/db-password\.1\n/);
  const dump = `dump ${backup.id} ${top}/database.dump | docker exec -i haven-ledger-db-1 pg_restore --data-only -f -`;
  const rows = new Set((await restic(dump)).split('\n').map((line) => line.split('\t')[0]));
  assert.deepEqual(promised.filter((id) => !rows.has(id)), [], 'the dump has them, too');
});

test('a restore brings the data of the backup back; --undo brings back what was there', async () => {
  await stopLoad(ledger.server.id);
  const before = await acknowledged(ledger.server.id);
  const { outcome, entries } = await restore({ backup: backup.id });
  assert.equal(outcome, 'committed', JSON.stringify(entries));
  const now = await lostRows(ledger.server.id);
  assert.ok(now.lost.length > 0, 'rows from after the backup are gone');
  assert.deepEqual(now.lost.filter((id) => promised.includes(id)), [], 'rows from before it are there');
  const undone = lastRestore(await ledger.server.history('ledger'))!;
  assert.equal((await restore({ snapshot: undone.op })).outcome, 'committed');
  assert.deepEqual((await lostRows(ledger.server.id)).lost, [], `all ${before.length} rows are back`);
  await startLoad(ledger.server.id);
  await ledger.mustServe();
});

// Every point is in test/crash/restore-kills.test.ts.
for (const [crashAt, outcome] of [
  ['fetched:data', 'undone'],
  ['replaced:data', 'undone'],
  ['do:check:effect', 'undone'],
] as const)
  test(`a restore that is killed at ${crashAt} is ${outcome}, and loses nothing`, async () => {
    const ended = await restore({ backup: backup.id }, { crashAt });
    assert.equal(ended.outcome, outcome, JSON.stringify(ended.entries));
    await ledger.mustServe();
    const left = await onMachine(ledger.server.id, ['sh', '-c', 'ls -A /srv/haven/services/ledger']);
    assert.ok(!left.stdout.includes('fetched'), left.stdout);
  });

test('a deploy backs up what was there before it', async () => {
  const { outcome, op } = await ledger.server.apply(ledger.next());
  assert.equal(outcome, 'committed', op);
  ledger.version++;
  const upload = await tryOnMachine(ledger.server.id, ['systemctl', 'start', 'haven-backup-upload.service']);
  assert.equal(upload.code, 0, upload.stderr);
  const [newest] = await agent<Backup[]>(['backup-list', 'ledger']);
  assert.equal(newest?.why, 'before-change');
  await ledger.mustServe();
});

test('a storage that refuses fails the backup with its reason; the next one brings both', async () => {
  await setInternetFaults({ [storageName]: 'denied' });
  const [refused] = await backUp();
  assert.match(refused?.why ?? '', /key|secret|refuse/);
  await setInternetFaults({ [storageName]: null });
  const before = await agent<Backup[]>(['backup-list', 'ledger']);
  const [done] = await backUp();
  assert.equal(done?.why, undefined);
  const now = await agent<Backup[]>(['backup-list', 'ledger']);
  assert.equal(now.length, before.length + 2, 'that of the refused one, which waited, and the new one');
  await ledger.mustServe();
});
