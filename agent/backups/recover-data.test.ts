import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Backup } from '../../core/backups/backup.ts';
import type { RecoveryStep } from '../../core/backups/recovery-step.ts';
import { scratch } from '../../test/support/scratch.ts';
import { Layout } from '../store/layout.ts';
import { readBackupMemory } from './backup-memory.ts';
import { type BackupSource, recoverData } from './recover-data.ts';

/** A repository in memory: the files of each backup by their path. restic itself is in test/layers. */
class StubSource implements BackupSource {
  readonly backups: Backup[] = [];
  readonly #files = new Map<string, Record<string, string>>();
  /** What was fetched. */
  readonly asked: string[] = [];
  /** Fails when this is fetched, after half of it. */
  failAt: string | undefined;

  add(service: string, at: string, files: Record<string, string>): void {
    const id = `${service} ${at}`;
    const data = [...new Set(Object.keys(files).flatMap((path) => /^data\/([^/]+)/.exec(path)?.[1] ?? []))];
    this.backups.unshift({ id, service, at, release: 'r', version: '1', data, why: 'nightly' });
    this.#files.set(id, files);
  }
  async list(): Promise<Backup[]> {
    return this.backups;
  }
  async restore(id: string, parts: string[], target: string): Promise<void> {
    this.asked.push(id);
    const found = Object.entries(this.#files.get(id)!).filter(([path]) =>
      parts.some((part) => path === part || path.startsWith(`${part}/`)),
    );
    for (const [path, text] of found) {
      const file = join(target, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      if (this.failAt === id) throw new Error('the connection was lost');
    }
  }
}

const authority = 'KEY-----BEGIN CERTIFICATE-----old';
function begin() {
  const layout = new Layout(scratch('recovered'), scratch('run'));
  // As a set-up leaves it.
  for (const each of [layout.journals, layout.certificates]) mkdirSync(each, { recursive: true });
  const source = new StubSource();
  source.add('server', '2026-11-28', {
    'users/mirror.json': 'ada',
    'certs/example.org/tls.pem': 'certificate',
    'secrets/authority.pem': authority,
    'trust/roots.pem': 'old roots',
  });
  source.add('gitea', '2026-11-27', { 'data/files/a': 'older' });
  source.add('gitea', '2026-11-28', {
    'data/files/a': 'newest',
    'data/db/b': 'rows',
    'secrets/db-password.1': 'pw',
    'database.dump': 'not needed',
  });
  source.add('website', '2026-11-28', { 'data/site/index.html': 'hello' });
  const read = (...path: string[]) => readFileSync(join(layout.root, ...path), 'utf8');
  return { layout, source, read };
}

test('brings back the newest of each service, and first what belongs to the server', async () => {
  const { layout, source, read } = begin();
  const steps: RecoveryStep[] = [];
  assert.deepEqual(await recoverData(layout, source, (step) => steps.push(step)), [
    'server',
    'gitea',
    'website',
  ]);
  assert.deepEqual(steps, [
    { recovering: 'server', n: 1, of: 3 },
    { recovering: 'gitea', n: 2, of: 3 },
    { recovering: 'website', n: 3, of: 3 },
  ]);
  assert.equal(read('services/gitea/data/files/a'), 'newest');
  assert.equal(read('services/gitea/data/db/b'), 'rows');
  assert.equal(read('secrets/gitea/db-password.1'), 'pw');
  assert.equal(read('services/website/data/site/index.html'), 'hello');
  assert.equal(read('users/mirror.json'), 'ada');
  assert.equal(read('certs/example.org/tls.pem'), 'certificate');
  assert.equal(read('secrets/authority.pem'), authority);
  assert.match(read('trust/roots.pem'), /-----BEGIN CERTIFICATE-----old$/, 'made again from the authority');
  assert.deepEqual(readdirSync(join(layout.backups, 'recovered')), []);
  assert.equal(readBackupMemory(layout).gitea?.restore?.id, 'gitea 2026-11-28');
});

test('run again, it fetches nothing and changes nothing', async () => {
  const { layout, source, read } = begin();
  await recoverData(layout, source);
  writeFileSync(join(layout.data('gitea', 'files'), 'a'), 'written since');
  source.asked.length = 0;
  assert.deepEqual(await recoverData(layout, source), []);
  assert.deepEqual(source.asked, []);
  assert.equal(read('services/gitea/data/files/a'), 'written since');
});

test('a service that is cut off while it is fetched is begun again, and the others stay', async () => {
  const { layout, source, read } = begin();
  source.failAt = 'gitea 2026-11-28';
  await assert.rejects(() => recoverData(layout, source), /the connection was lost/);
  assert.ok(!existsSync(layout.data('gitea', 'files')), 'nothing of it is in its place');
  assert.equal(read('users/mirror.json'), 'ada');
  source.failAt = undefined;
  source.asked.length = 0;
  assert.deepEqual(await recoverData(layout, source), ['gitea', 'website']);
  assert.deepEqual(source.asked, ['gitea 2026-11-28', 'website 2026-11-28'], 'each is one call of restic');
  assert.equal(read('services/gitea/data/db/b'), 'rows');
});

test('one that is cut off while it is put in its place is finished, without being fetched again', async () => {
  const { layout, source, read } = begin();
  // Its folder can't be made.
  mkdirSync(layout.services, { recursive: true });
  writeFileSync(layout.service('gitea'), '');
  await assert.rejects(() => recoverData(layout, source));
  rmSync(layout.service('gitea'));
  source.asked.length = 0;
  assert.deepEqual(await recoverData(layout, source), ['gitea', 'website']);
  assert.deepEqual(source.asked, ['website 2026-11-28']);
  assert.equal(read('services/gitea/data/files/a'), 'newest');
  assert.equal(read('secrets/gitea/db-password.1'), 'pw');
});

test('a draft that is left of a service in its place is removed, and never put over it', async () => {
  const { layout, source, read } = begin();
  await recoverData(layout, source);
  const left = join(layout.backups, 'recovered/gitea/data/files');
  mkdirSync(left, { recursive: true });
  writeFileSync(join(left, 'a'), 'left');
  assert.deepEqual(await recoverData(layout, source), []);
  assert.equal(read('services/gitea/data/files/a'), 'newest');
  assert.deepEqual(readdirSync(join(layout.backups, 'recovered')), []);
});

test('a service that was deployed here is left alone, and so is what belongs to the server then', async () => {
  const { layout, source, read } = begin();
  writeFileSync(layout.journal('gitea'), '');
  mkdirSync(layout.users);
  writeFileSync(join(layout.users, 'mirror.json'), 'today');
  assert.deepEqual(await recoverData(layout, source), ['website']);
  assert.equal(read('users/mirror.json'), 'today');
  assert.ok(!existsSync(layout.data('gitea', 'files')));
});

test('a place without a backup of this cloud is a failure: it would come up empty', async () => {
  const { layout, source } = begin();
  source.backups.length = 0;
  await assert.rejects(
    () => recoverData(layout, source),
    /^Error: The place of the backups has none of this cloud.*delete the file \.haven\/recovering, then run: haven up$/,
  );
});

test('data that a restore leaves as it is comes back with a mark, and other data without one', async () => {
  const { layout, source, read } = begin();
  const data = {
    queue: { rollback: 'never', uid: 1, atRestore: 'stays' },
    boxes: { rollback: 'never', uid: 1 },
  };
  source.add('mail', '2026-11-28', {
    'data/queue/waiting': 'an email',
    'data/boxes/inbox': 'another',
    'bundle.json': JSON.stringify({ release: { data } }),
  });
  await recoverData(layout, source);
  assert.equal(read('services/mail/data/queue/waiting'), 'an email');
  assert.ok(existsSync(join(layout.data('mail', 'queue'), '.recovered')));
  assert.ok(!existsSync(join(layout.data('mail', 'boxes'), '.recovered')));
  assert.ok(
    !existsSync(join(layout.data('gitea', 'files'), '.recovered')),
    'also where a backup has no release',
  );
});
