import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Backup } from '../../../core/backups/backup.ts';
import { serverBackup } from '../../../core/backups/server-backup.ts';
import { linkToSandbox } from '../../../sandbox/link.ts';
import { waitUntil } from '../../../system/wait-until.ts';
import { lookAtWeb } from '../../../system/web-look.ts';
import { BucketOwner } from '../../support/bucket-owner.ts';
import { differences, type Fingerprint } from '../../support/fingerprint.ts';
import { binds } from '../../support/ldap.ts';
import { loseAccount } from '../../support/lose-account.ts';
import { openGitea } from '../../support/member.ts';
import { Owner } from '../../support/owner.ts';
import { password } from '../cloud-under-test.ts';
import type { Journey } from '../journey.ts';
import { takeFingerprint } from '../take-fingerprint.ts';

/**
 * Server, volume, addresses and laptop are lost. What is left is the bucket, its keys, and the key file that the owner
 * kept: with these the cloud comes back on an empty account. The last journey of all, because what it leaves is another
 * server.
 */
export default (async (cloud, { step }) => {
  const { owner, domain } = cloud;
  const { git, ledger } = cloud.hosts;
  const id = /^id: (.*)$/m.exec(owner.read())![1]!;
  const repository = '/repos/ada/recovered-notes';
  const row = `kept-${Date.now()}`;
  const bucket = await BucketOwner.create(owner, 'recovery-of-mycloud');
  let before: Fingerprint;

  await step('at night each service with data is backed up, with what its users made', async () => {
    await bucket.name();
    await owner.must(['up', '--yes']);
    await cloud.ada.ask('POST', '/user/repos', { name: 'recovered-notes', auto_init: true });
    assert.equal(await cloud.pageAt(`https://${ledger}/rows?id=${row}`, ['-X', 'POST']), 'kept');
    await cloud.onServer('systemctl start haven-backup.service');
    const isSent = async () => (await cloud.onServer('ls /srv/haven/backups/queue')) === '';
    await waitUntil('the uploads', isSent, { timeoutMs: 180_000 });
    const all = await owner.json<Backup[]>(['backup', 'list']);
    const nightly = new Set(all.filter(({ why }) => why === 'nightly').map(({ service }) => service));
    const services = await cloud.onServer('cd /srv/haven/services && ls -d */data/* | cut -d/ -f1 | sort -u');
    assert.deepEqual([...nightly].sort(), [...services.split('\n'), serverBackup].sort());
    await cloud.untilWell();
    before = await takeFingerprint(cloud);
  });

  const key = readFileSync(join(owner.environment.XDG_CONFIG_HOME!, 'openhaven', `${id}.key`), 'utf8');
  const laptop = Owner.ofSandboxCloud(domain);
  linkToSandbox(laptop.directory);
  const { endpoint, bucket: name, key: s3Key, secret } = bucket.bucket;
  const place = ['--endpoint', endpoint, '--bucket', name, '--region', bucket.bucket.region];
  const env = {
    HAVEN_BACKUP_S3_KEY: s3Key,
    HAVEN_BACKUP_S3_SECRET: secret,
    HAVEN_AGE_KEY: /AGE-SECRET-KEY-\S+/.exec(key)![0],
  };
  const recover = ['recover', '--directory', laptop.directory, ...place, '--yes'];

  await step('while its server exists, it is not made a second time', async () => {
    const problems = await laptop.problems(recover, { env });
    assert.match(problems.map(({ what }) => what).join('\n'), new RegExp(`still exist.*|.*${id}`));
  });

  await step('from bucket and key it comes back on an empty account', async () => {
    await loseAccount(id);
    owner.forget();
    await laptop.must(recover, { env });
    await cloud.moved(laptop);
    assert.deepEqual((await laptop.plan()).lines, [], 'a plan shows no change');
  });

  await step('with its data, its users and their logins', async () => {
    assert.ok(await binds(cloud.machine, 'ada', password));
    const browser = await cloud.browser();
    try {
      await openGitea(await browser.newPage(), cloud, 'ada');
    } finally {
      await browser.close();
    }
    await cloud.ada.ask('GET', repository);
    const rows = await cloud.pageAt(`https://${ledger}/rows`);
    assert.ok(rows.split('\n').includes(row));
    assert.equal((await lookAtWeb(git)).status, 200);
    const { code } = await cloud.status(['--logins']);
    assert.equal(code, 0);
  });

  await step('nothing is missing, and nothing is there twice', async () => {
    const after = await takeFingerprint(cloud);
    assert.deepEqual(differences(withoutAddresses(before), withoutAddresses(after)), []);
  });
}) satisfies Journey;

/** Without what another server has of its own, and the account at an authority that may have been started again since. */
function withoutAddresses({ 'data centre': _ids, ...rest }: Fingerprint): Fingerprint {
  const blank = (line: string) =>
    line
      .replaceAll(/198\.51\.100\.\d+|2001:db8:[0-9a-f:]+/g, '[address]')
      .replaceAll(/accounturi=[^;"]+/g, '[account]');
  return Object.fromEntries(
    Object.entries(rest).map(([heading, lines]) => [heading, lines.map(blank).sort()]),
  );
}
