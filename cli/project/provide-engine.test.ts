import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../system/project-root.ts';
import { tryRun } from '../../system/run.ts';
import { scratch } from '../../test/support/scratch.ts';
import { openCloud } from '../../test/support/typist.ts';
import { Project } from './project.ts';

test('a first plan on a computer that has neither network nor Go says what to install', async () => {
  await openCloud();
  // Registries are asked first, and here nothing is left to ask.
  const project = await Project.open();
  await project.lookUpPins();
  project.keepPins();
  const bare = scratch('path');
  symlinkSync(execFileSync('sh', ['-c', 'command -v sh'], { encoding: 'utf8' }).trim(), join(bare, 'sh'));
  // In a process of its own: where the engine is kept is read once, and this machine's own must not be found.
  const { code, stderr } = await tryRun(process.execPath, [join(projectRoot, 'cli/bin.mjs'), 'plan'], {
    env: { ...process.env, HAVEN_CACHE: scratch('cache'), PATH: bare },
  });
  assert.equal(code, 1);
  assert.match(stderr, /Once on this computer: downloading the Pulumi engine into /);
  assert.match(
    stderr,
    /haven: the Pulumi engine could not be downloaded or built: .*no Go\. Install a newer Go.*Nothing was changed/,
  );
});
