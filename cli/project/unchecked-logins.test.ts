import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { UncheckedLogins } from './unchecked-logins.ts';

test('a run that was cut off leaves its login checks to the next one, each once, until they pass', () => {
  const stateFolder = join(mkdtempSync(join(tmpdir(), 'haven-')), 'state');
  mkdirSync(stateFolder);
  assert.deepEqual(new UncheckedLogins({ stateFolder }).services, []);
  new UncheckedLogins({ stateFolder }).add(['gitea', 'calendar']);
  const next = new UncheckedLogins({ stateFolder });
  next.add(['gitea']);
  assert.deepEqual(next.services, ['calendar', 'gitea']);
  next.clear();
  assert.deepEqual(new UncheckedLogins({ stateFolder }).services, []);
});
