import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ownPassword } from '../../core/mail/own-account.ts';
import { releaseHash } from '../../core/release/release.ts';
import { plainBundle } from '../../test/support/plain-bundle.ts';
import { scratch } from '../../test/support/scratch.ts';
import { storeBundle, switchCurrent } from '../store/bundle-store.ts';
import { appendEntry } from '../store/journal.ts';
import { Layout } from '../store/layout.ts';
import { ensureSecrets } from '../store/secrets.ts';
import { deleteServiceData } from './delete-service-data.ts';
import { dropSharedSecrets } from './drop-shared-secrets.ts';

const secrets = { [ownPassword]: { generation: 1, shared: true, readers: {} } };
const sends = (service: string) => plainBundle(service, { secrets });

/** A server with the login and mail, which both have the shared secret. */
async function server() {
  const layout = new Layout(scratch('shared'));
  mkdirSync(layout.journals, { recursive: true });
  /** Makes a release the running one; null removes the service. */
  const run = (service: string, bundle: ReturnType<typeof plainBundle> | null): string | null => {
    const hash = bundle && releaseHash(bundle);
    if (bundle && hash) storeBundle(layout, bundle, hash);
    switchCurrent(layout, service, hash);
    return hash;
  };
  for (const service of ['login', 'mail']) {
    run(service, sends(service));
    await ensureSecrets(layout, sends(service).release);
  }
  const file = layout.sharedSecret(ownPassword, 1);
  return { layout, run, isThere: () => existsSync(file) };
}

test('a shared secret is deleted with the data of the last service that used it', async () => {
  const { layout, run, isThere } = await server();
  run('mail', null);
  await deleteServiceData(layout, 'mail');
  assert.ok(isThere(), 'the login still sends with it');
  run('login', plainBundle('login'));
  run('other', null);
  await deleteServiceData(layout, 'other');
  assert.ok(!isThere(), 'also while an older release of the login is here, which named it');
  const release = sends('login').release;
  await ensureSecrets(layout, release);
  assert.ok(isThere(), 'a rollback to it makes another');
});

test('it stays while an operation may bring back the release that names it', async () => {
  const { layout, run, isThere } = await server();
  const from = releaseHash(sends('login'));
  run('mail', null);
  const to = run('login', plainBundle('login'));
  const at = '2026-01-01T00:00:00.000Z';
  const operation = { id: 'op-1', service: 'login', from, to, touchesPrograms: true };
  appendEntry(layout.journal('login'), { entry: 'open', at, operation });
  dropSharedSecrets(layout);
  assert.ok(isThere());
  appendEntry(layout.journal('login'), { entry: 'finished', at, op: 'op-1', outcome: 'committed' });
  dropSharedSecrets(layout);
  assert.ok(!isThere());
});

test('it stays while something of a service can not be read', async () => {
  for (const damage of ['journal', 'bundle'] as const) {
    const { layout, run, isThere } = await server();
    run('mail', null);
    const hash = run('login', plainBundle('login'))!;
    const file = {
      journal: layout.journal('other'),
      bundle: join(layout.release('login', hash), 'bundle.json'),
    }[damage];
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'damaged\nmore\n');
    dropSharedSecrets(layout);
    assert.ok(isThere(), damage);
  }
});
