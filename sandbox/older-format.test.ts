import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertNoOlderSandbox } from './older-format.ts';

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
