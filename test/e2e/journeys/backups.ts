import assert from 'node:assert/strict';
import type { BackedUp } from '../../../agent/operations/task-commands.ts';
import type { Backup } from '../../../core/backups/backup.ts';
import { setInternetFaults } from '../../../sandbox/control.ts';
import { storageName } from '../../../sandbox/internet/storage/names.ts';
import { waitUntil } from '../../../system/wait-until.ts';
import { BucketOwner } from '../../support/bucket-owner.ts';
import { readableByOthers, secretValues } from '../../support/secrets-hunt.ts';
import type { Journey } from '../journey.ts';

/** Backups to a bucket, as an owner sets them up and uses them: now, before a change, and back. */
export default (async (cloud, { step, after }) => {
  const { ada, owner } = cloud;
  const repository = `/repos/ada/${ada.repository}`;
  const issues = async (): Promise<string[]> =>
    (JSON.parse(await ada.ask('GET', `${repository}/issues?state=all`)) as { title: string }[])
      .map(({ title }) => title)
      .sort();
  const write = (title: string) => ada.ask('POST', `${repository}/issues`, { title });
  const backups = (service: string) => owner.json<Backup[]>(['backup', 'list', service]);

  const bucket = await BucketOwner.create(owner, 'backups-of-mycloud');
  let isSetUp = false;
  after(async () => {
    await bucket.forget();
    if (isSetUp) await owner.must(['up', '--yes']);
  });

  await step('a plan says where backups go and when, and up sets them up', async () => {
    await bucket.name();
    const { lines } = await owner.plan();
    assert.deepEqual(
      lines.map(({ kind, what }) => `${kind} ${what}`),
      ['create Backups'],
    );
    isSetUp = true;
    await owner.must(['up', '--yes']);
    assert.equal((await owner.plan()).code, 0);
  });

  await step('a backup is made now, and a restore brings its moment back', async () => {
    const before = await issues();
    await write('written before the backup');
    const [done] = await owner.json<BackedUp[]>(['backup', 'now', 'gitea']);
    assert.ok(done?.backup, JSON.stringify(done));
    await write('written after the backup');
    await owner.must(['restore', 'gitea', '--yes']);
    assert.deepEqual(await issues(), [...before, 'written before the backup'].sort());
    await owner.must(['restore', 'gitea', '--undo', '--yes']);
    assert.deepEqual(
      await issues(),
      [...before, 'written after the backup', 'written before the backup'].sort(),
      'what the restore replaced is back',
    );
    assert.ok(await ada.tokenWorks());
  });

  await step('a change is preceded by a backup of what was there', async () => {
    owner.edit('ledger: {}', 'ledger: { options: { version: "changed" } }');
    await owner.must(['up', '--yes']);
    const isThere = async () => (await backups('ledger')).find(({ why }) => why === 'before-change');
    await waitUntil('the backup from before the change', isThere, { timeoutMs: 60_000 });
    // What belongs to the server follows it. A storage that refuses that would fail the unit.
    const state = 'systemctl is-active haven-backup-upload.service || true';
    await waitUntil('the uploads', async () => (await cloud.onServer(state)) === 'inactive');
  });

  await step('a storage that refuses is named, in one sentence', async () => {
    await setInternetFaults({ [storageName]: 'denied' });
    after(() => setInternetFaults({ [storageName]: null }));
    const [problem] = await owner.problems(['backup', 'list']);
    assert.match(problem?.what ?? '', /your-objectstorage\.com/);
    assert.doesNotMatch(JSON.stringify(problem), /at .*\.ts:\d+|Stat\(|<Error>/);
    await setInternetFaults({ [storageName]: null });
  });

  await step('no secret of it is in a log, a state or a list of processes', async () => {
    // restic has them in its environment, which only root can read, and only while it runs: not any more.
    const all = [...(await secretValues(owner, cloud.machine))];
    const values = all.filter(([name]) => name.startsWith('backup-'));
    assert.deepEqual(values.map(([name]) => name).sort(), [
      'backup-password',
      'backup-s3-key',
      'backup-s3-secret',
    ]);
    const { 'environment of local processes': _storage, ...places } = await readableByOthers(
      owner,
      cloud.machine,
    );
    // Left out above: the sandbox's own storage runs on this machine, and has its keys there.
    for (const [where, text] of Object.entries(places))
      for (const [name, value] of values) assert.ok(!text.includes(value), `${name} is in: ${where}`);
  });
}) satisfies Journey;
