import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch } from '../test/support/scratch.ts';
import { assertNoOlderSandbox, olderDaemon } from './older-format.ts';

test('a sandbox of an earlier version is named and refused, with the command that deletes it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'haven-older-'));
  try {
    assertNoOlderSandbox(folder);
    mkdirSync(join(folder, 'try'));
    assert.throws(
      () => assertNoOlderSandbox(folder),
      /try: holds a sandbox of an earlier version .* sandbox reset$/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the APIs of an older sandbox are found while they run, and nothing else is taken for them', async () => {
  const folder = scratch('older');
  assert.equal(olderDaemon(folder), undefined);
  mkdirSync(join(folder, 'rehearsal'));
  const script = join(folder, 'rehearsal', 'daemon.mjs');
  writeFileSync(script, "console.log('ready'); setInterval(() => undefined, 1000);");
  const daemon = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(daemon.stdout, 'data');
  writeFileSync(join(folder, 'daemon.pid'), String(daemon.pid));
  assert.equal(olderDaemon(folder), daemon.pid);
  writeFileSync(join(folder, 'daemon.pid'), String(process.pid));
  assert.equal(olderDaemon(folder), undefined);
  daemon.kill();
});
