import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Release } from '../../core/release/release.ts';
import { scratch } from '../../test/support/scratch.ts';
import { Layout } from '../store/layout.ts';
import { newestSignatures } from './virus-signatures.ts';

const release = (holds: boolean): Release => ({
  format: 1,
  service: 'mail',
  version: '1',
  images: {},
  variables: {},
  secrets: {},
  data: {
    queue: { rollback: 'never', uid: 1 },
    signatures: { rollback: 'never', uid: 2, ...(holds ? { holds: 'virus-signatures' } : {}) },
  },
  writers: [],
  network: { kind: 'bridge', name: 'hv-mail', loopbackPorts: {} },
  routes: [],
  healthChecks: [],
  startTimeoutSeconds: 1,
});
const header = (seconds: number) => `ClamAV-VDB:29 Nov 2026 04-24 -0500:1:2:90:a:b:c:${seconds}`.padEnd(512);

test('the newest file counts, and what is none of them is passed over, without waiting', () => {
  const layout = new Layout(scratch('volume'));
  assert.equal(newestSignatures(layout, release(true)), undefined);
  const folder = layout.data('mail', 'signatures');
  mkdirSync(folder, { recursive: true });
  assert.equal(newestSignatures(layout, release(true)), undefined);
  writeFileSync(join(folder, 'main.cvd'), `${header(1000)}rest`);
  writeFileSync(join(folder, 'daily.cld'), header(3000));
  writeFileSync(join(folder, 'test.ndb'), header(9000));
  writeFileSync(join(folder, 'empty.cvd'), '');
  const elsewhere = join(scratch('elsewhere'), 'file');
  writeFileSync(elsewhere, header(9000));
  symlinkSync(elsewhere, join(folder, 'link.cvd'));
  execFileSync('mkfifo', [join(folder, 'pipe.cvd')]);
  assert.equal(newestSignatures(layout, release(true)), 3_000_000);
  assert.equal(newestSignatures(layout, release(false)), undefined);
});
