import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Repository } from '../../agent/backups/repository.ts';
import { BackupError } from '../../agent/backups/run-restic.ts';
import { backupLayout, backupManifest, backupOrder } from '../support/backup-order.ts';
import { S3Server } from '../support/s3-server.ts';
import { scratch } from '../support/scratch.ts';
import { useServerRestic } from '../support/server-restic.ts';

/** The repository in a bucket: Debian 13's restic, and the sandbox's S3 server on loopback. */
let server: S3Server;

before(async () => {
  await useServerRestic();
  server = await S3Server.start(scratch('s3'));
});
after(() => server?.stop());

const inBucket = (place: object = {}, secrets: Record<string, string> = {}): Repository => {
  const order = backupOrder({ ...server.place, ...place }, { ...server.secrets, ...secrets });
  return Repository.open(backupLayout(scratch('backup'), order)) ?? assert.fail('no order');
};

for (const [name, place] of [
  ['without a region', { folder: 'one' }],
  ['with its region', { folder: 'two', region: 'fsn1' }],
] as const)
  test(`a folder goes to a bucket and comes back, ${name}`, async () => {
    const repository = inBucket(place);
    await repository.ensure();
    await repository.ensure();
    const tree = scratch('tree');
    mkdirSync(join(tree, 'data/files'), { recursive: true });
    writeFileSync(join(tree, 'data/files/a'), 'one');
    const { id } = await repository.backup(tree, backupManifest());
    assert.equal((await repository.newest('gitea'))?.id, id);
    const target = scratch('restored');
    await repository.restore(id, ['data/files'], target);
    assert.equal(readFileSync(join(target, 'data/files/a'), 'utf8'), 'one');
  });

const refusals: [string, object, Record<string, string>, BackupError['kind']][] = [
  ['an unknown key', {}, { 'backup-s3-key': 'UNKNOWN' }, 'access-key'],
  ['another secret', {}, { 'backup-s3-secret': 'another' }, 'secret'],
  ['a bucket that does not exist', { bucket: 'mistyped' }, {}, 'bucket'],
  ['another region', { region: 'nbg1' }, {}, 'region'],
];
for (const [name, place, secrets, kind] of refusals)
  test(`${name} is told apart at once, and no bucket is created`, async () => {
    const began = Date.now();
    const error = await inBucket(place, secrets)
      .ensure()
      .then(
        () => assert.fail('it should have failed'),
        (thrown: unknown) => thrown,
      );
    assert.ok(error instanceof BackupError, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.ok(Date.now() - began < 20_000, `after ${Date.now() - began} ms`);
    assert.deepEqual(server.buckets(), ['ada-backups']);
  });
