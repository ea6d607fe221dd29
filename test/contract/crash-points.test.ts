import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pointsInSteps } from '../../core/operations/crash-points.ts';
import { projectRoot } from '../../system/project-root.ts';

test('each crash point inside a step is in the code once, so that crash tests reach all of them', () => {
  const texts = globSync('agent/**/*.ts', { cwd: projectRoot }).map((file) =>
    readFileSync(join(projectRoot, file), 'utf8'),
  );
  const inCode = texts.flatMap((text) =>
    [...text.matchAll(/crashPoint\('((?!commit|finish)[a-z-]+:[a-z-]+)'\)/g)].map(([, point]) => point!),
  );
  assert.deepEqual(inCode.sort(), Object.keys(pointsInSteps).sort());
});
