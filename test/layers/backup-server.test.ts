import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { BackupStatus } from '../../agent/backups/backup-status.ts';
import type { Backup } from '../../core/backups/backup.ts';
import { releaseHash } from '../../core/release/release.ts';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { backupManifest, backupOrder } from '../support/backup-order.ts';
import { openLab } from '../support/lab.ts';
import { LedgerUnderLoad } from '../support/ledger-under-load.ts';
import { acknowledged } from '../support/load.ts';
import { runOnServer } from '../support/run-on-server.ts';

/**
 * A server sends the backup of a service with a database, in its own unit. Its storage is an SFTP server of the same
 * machine. The snapshot is the one that a deploy takes.
 */
let ledger: LedgerUnderLoad;
/** The operation whose snapshot is backed up, the release that it has, and the rows that were safe before it. */
let op: string;
let release: string;
let safe: string[];

before(async () => {
  ledger = await LedgerUnderLoad.create(await openLab(), 'layer-backup', 34);
  await startStorage();
  await onServer('sleep 1');
  safe = await acknowledged(ledger.server.id);
  release = releaseHash(ledger.bundle());
  const deployed = await ledger.server.apply(ledger.next());
  assert.equal(deployed.outcome, 'committed');
  op = deployed.op;
});
after(() => ledger?.remove());

const onServer = async (script: string): Promise<string> =>
  (await onMachine(ledger.server.id, ['bash', '-ec', script])).stdout.trim();

/** An SSH server beside the machine's own, and an order that leads to it. */
async function startStorage(): Promise<void> {
  const folder = '/root/storage';
  const settings = [
    'Port 2222',
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/client.pub`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    `Subsystem sftp internal-sftp -d ${folder}/home`,
  ].join('\\n');
  await onServer(
    `mkdir -p ${folder}/home /run/sshd; cd ${folder}; for key in host client; do ssh-keygen -q -t ed25519 -N '' -C '' -f $key; done; printf '${settings}\\n' > sshd_config; systemd-run --quiet --unit=storage /usr/sbin/sshd -D -f ${folder}/sshd_config`,
  );
  const hostKey = await onServer(`cat ${folder}/host.pub`);
  const key = await onServer(`cat ${folder}/client`);
  const place = {
    kind: 'sftp' as const,
    host: '127.0.0.1',
    port: 2222,
    user: 'root',
    hostKey,
    folder: 'ada',
  };
  await onMachine(
    ledger.server.id,
    ['sh', '-c', 'umask 077; mkdir -p /var/lib/haven-backups; cat > /var/lib/haven-backups/order.json'],
    { input: JSON.stringify(backupOrder(place, { 'backup-sftp-key': key })) },
  );
}

/** Queues a backup of other snapshots than those of an operation. */
const queue = (id: string, at: string, snapshots: string): Promise<string> =>
  runOnServer(
    ledger.server.id,
    `import { queueBackup } from './agent/backups/queue.ts';
     import { Layout } from './agent/store/layout.ts';
     const manifest = ${JSON.stringify(backupManifest({ service: 'ledger', at, release, data: ['db', 'files'], version: '1' }))};
     console.log(await queueBackup(new Layout(), manifest, '${id}', '${snapshots}'));`,
  );
const upload = () => tryOnMachine(ledger.server.id, ['systemctl', 'start', 'haven-backup-upload.service']);
const status = async () => (await ledger.server.agent(['backup-status'])) as BackupStatus;

/** What a dump leaves when it does not tidy up. */
const leftovers = () =>
  onServer(
    'docker ps --all --quiet --filter name=haven-dump; grep -c /run/haven/backup/ /proc/mounts || true; ls /srv/haven/backups/queue/*/db-copy 2>/dev/null || true',
  );

test('a backup has a dump with every row that was safe before it', async () => {
  // The deploy has begun it.
  const sent = await upload();
  assert.equal(sent.code, 0, await onServer('journalctl --unit haven-backup-upload --output cat | tail -5'));
  assert.equal(await onServer('ls -A /srv/haven/backups/queue'), '');
  assert.equal(await leftovers(), '0');
  const list = (await ledger.server.agent(['backup-list'])) as Backup[];
  assert.deepEqual(list.map(({ service }) => service).toSorted(), ['ledger', 'server']);
  const backup = list.find(({ service }) => service === 'ledger')!;
  const names = await runOnServer(
    ledger.server.id,
    `import { readdirSync } from 'node:fs';
     import { Repository } from './agent/backups/repository.ts';
     import { Layout } from './agent/store/layout.ts';
     const repository = Repository.open(new Layout());
     await repository.restore('${backup.id}', [], '/root/restored');
     console.log(readdirSync('/root/restored').sort().join(' '));`,
  );
  assert.equal(names, 'bundle.json data database.dump manifest.json secrets');
  const dump = await onServer(
    'docker exec -i haven-ledger-db-1 pg_restore --data-only --file=- < /root/restored/database.dump',
  );
  const rows = new Set(dump.split(/\s+/));
  assert.ok(safe.length > 0);
  assert.deepEqual(
    safe.filter((id) => !rows.has(id)),
    [],
  );
  assert.equal(await onServer('stat -c %u:%g /root/restored/data/db'), '2020:2020');
  assert.equal(
    await onServer('diff -r /root/restored/secrets /srv/haven/secrets/ledger && echo same'),
    'same',
  );
});

test('a database that can not be dumped is not backed up, and says so', async () => {
  const damaged = '/srv/haven/damaged';
  await onServer(
    `mkdir ${damaged}; for name in db files; do btrfs -q subvolume snapshot /srv/haven/services/ledger/snapshots/${op}/$name ${damaged}/$name; done; rm ${damaged}/db/pgdata/global/pg_control`,
  );
  const ofLedger = async () => (await status()).services.find(({ service }) => service === 'ledger');
  const before = await ofLedger();
  assert.ok(before?.lastBackupAt);
  assert.equal(before.lastFailure, undefined);
  await queue('op-damaged', new Date().toISOString(), damaged);
  assert.notEqual((await upload()).code, 0);
  const seen = await ofLedger();
  assert.match(seen?.lastFailure?.why ?? '', /^The database of ledger can't be dumped.*pg_control/);
  assert.equal(seen?.waiting, 1);
  assert.equal(seen?.lastBackupAt, before.lastBackupAt);
  assert.equal(await leftovers(), '0');
});

test('the nightly timer has the time of the order, and a look at the server finds nothing changed', async () => {
  const apply = () =>
    runOnServer(
      ledger.server.id,
      `import { applyNightlyTime } from './agent/backups/nightly-time.ts';
       import { Layout } from './agent/store/layout.ts';
       await applyNightlyTime(new Layout()).catch((error) => console.log(error.message));`,
    );
  const times = () => onServer('systemctl show haven-backup.timer --property=TimersCalendar,ActiveState');
  await apply();
  assert.match(await times(), /OnCalendar=\*-\*-\* 03:30:00 Europe\/Berlin ;/);
  assert.match(await times(), /ActiveState=active/);
  const differs = async () => {
    const { server } = (await ledger.server.agent(['look'])) as { server: { differs: string[] } };
    return server.differs.filter((each) => each.includes('backup'));
  };
  assert.deepEqual(await differs(), []);
  await onServer(`sed -i 's/Berlin/Nowhere/' /var/lib/haven-backups/order.json`);
  assert.match(await apply(), /^The server does not know the time .*Europe\/Nowhere.*haven up$/);
  assert.match(await times(), /Europe\/Berlin ;/, 'what was set remains');
  await onServer('rm /var/lib/haven-backups/order.json');
  await apply();
  assert.match(await times(), /OnCalendar=\*-\*-\* 03:30:00 ;/);
  assert.deepEqual(await differs(), []);
});
