import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../system/project-root.ts';

test('every picture and page that README links to exists', () => {
  const shown = readFileSync(join(projectRoot, 'README.md'), 'utf8').replaceAll(/<!--[\s\S]*?-->/g, '');
  const targets = [...shown.matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1]!);
  assert.ok(targets.length > 5);
  assert.deepEqual(
    targets.filter((each) => !existsSync(join(projectRoot, each))),
    [],
  );
});
