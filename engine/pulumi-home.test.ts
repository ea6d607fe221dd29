import assert from 'node:assert/strict';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch } from '../test/support/scratch.ts';
import { makePulumiHome } from './pulumi-home.ts';

test('the engine finds no folder for its logs, and those of earlier runs are gone', () => {
  const home = join(scratch('pulumi-home'), 'home');
  mkdirSync(join(home, 'logs'), { recursive: true });
  writeFileSync(join(home, 'logs', 'pulumi-20261201T000000-1.log'), 'all properties');
  for (const _ of ['first', 'again']) {
    makePulumiHome(home);
    assert.ok(statSync(join(home, 'logs')).isFile());
  }
});
