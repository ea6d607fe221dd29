import assert from 'node:assert/strict';
import { globSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import { ensureMachineImage } from '../../sandbox/images/images.ts';
import { startDocker, tryDocker } from '../../sandbox/machine/docker.ts';
import { renderShared, shareFiles } from '../../setup/share-processes.ts';
import { projectRoot } from '../../system/project-root.ts';
import { scratch } from '../support/scratch.ts';

test("the agent's unit tests pass under the server's own Node, bundled as the agent is", async () => {
  await startDocker();
  const { reference } = await ensureMachineImage();
  const folder = scratch('agent-tests');
  const tests = globSync('agent/**/*.test.ts', { cwd: projectRoot });
  assert.equal(new Set(tests.map((file) => basename(file))).size, tests.length, 'no two have one name');
  await build({
    absWorkingDir: projectRoot,
    entryPoints: Object.fromEntries(
      [...tests, 'setup/load-together.ts'].map((file) => [basename(file, '.ts'), file]),
    ),
    bundle: true,
    // What many of them import is loaded once in a process that they share.
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    outdir: folder,
    outExtension: { '.js': '.mjs' },
  });
  const shared = shareFiles(tests, 2).map((group, index) => {
    const listed = group.map((file) => ({ name: file, path: `/tests/${basename(file, '.ts')}.mjs` }));
    const name = `process-${index + 1}.mjs`;
    writeFileSync(join(folder, name), renderShared(name, listed, './load-together.mjs'));
    return `/tests/${name}`;
  });
  const run = [
    'run',
    '--rm',
    '--network',
    'none',
    '-v',
    `${folder}:/tests:ro`,
    '--workdir',
    '/tests',
    reference,
  ];
  const version = (await tryDocker([...run, 'node', '--version'])).stdout;
  assert.match(version, /^v20\./, 'Debian 13 has Node 20');
  const result = await tryDocker([...run, 'node', '--test', ...shared]);
  assert.equal(result.code, 0, result.stdout + result.stderr);
  assert.match(result.stdout, /# fail 0/);
  assert.ok(Number(/^# tests (\d+)$/m.exec(result.stdout)?.[1]) > tests.length, 'each file has tests');
});
