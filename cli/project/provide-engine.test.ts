import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch } from '../../test/support/scratch.ts';

// Where the engine is kept is read when its module is loaded: this machine's own is not touched.
process.env.HAVEN_CACHE = scratch('cache');
const { openCloud, type } = await import('../../test/support/typist.ts');

test('a first plan on a computer that has neither network nor Go says what to install', async () => {
  await openCloud();
  const bare = scratch('path');
  symlinkSync(execFileSync('sh', ['-c', 'command -v sh'], { encoding: 'utf8' }).trim(), join(bare, 'sh'));
  const path = process.env.PATH;
  process.env.PATH = bare;
  try {
    const { code, stderr } = await type(['plan']);
    assert.equal(code, 1);
    assert.match(stderr, /Once on this computer: downloading the Pulumi engine into /);
    assert.match(
      stderr,
      /haven: the Pulumi engine could not be downloaded or built: .*no Go\. Install a newer Go.*Nothing was changed/,
    );
  } finally {
    process.env.PATH = path;
  }
});
