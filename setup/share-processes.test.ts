import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch } from '../test/support/scratch.ts';
import { shareFiles, writeSharedFiles } from './share-processes.ts';

test('test files are divided evenly, and neighbours go to different processes', () => {
  assert.deepEqual(shareFiles(['a', 'b', 'c', 'd', 'e'], 2), [
    ['a', 'c', 'e'],
    ['b', 'd'],
  ]);
  assert.deepEqual(shareFiles(['a'], 4), [['a']]);
});

test('each file in a shared process has its own hooks and its own environment, and a failure names its file', () => {
  const folder = scratch('shared');
  const file = (name: string, text: string): string => {
    const path = join(folder, `${name}.test.mjs`);
    writeFileSync(
      path,
      `import assert from 'node:assert/strict'; import { beforeEach, test } from 'node:test';\n${text}`,
    );
    return path;
  };
  const files = [
    file(
      'first',
      `process.env.HAVEN_SHARED = 'first'; let begun = 0; beforeEach(() => { begun += 1; });
       test('is begun once', () => assert.deepEqual([begun, process.env.HAVEN_SHARED], [1, 'first']));
       test('sets something', () => { process.env.HAVEN_LEFT = 'behind'; });`,
    ),
    file('last', `test('finds nothing', () => assert.equal(process.env.HAVEN_LEFT, undefined));`),
    file('wrong', `test('has another', () => assert.equal(process.env.HAVEN_SHARED, 'first'));`),
  ];
  const [shared] = writeSharedFiles(files, 0.5);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const ran = spawnSync(process.execPath, ['--test-reporter=tap', shared!], { encoding: 'utf8', env });
  assert.equal(ran.status, 1);
  assert.match(ran.stdout, /# tests 4\n[\s\S]*# pass 3\n# fail 1\n/);
  assert.match(ran.stdout, /not ok 1 - has another\n[\s\S]*not ok 3 - \S+wrong\.test\.mjs/);
});
