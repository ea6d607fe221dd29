import assert from 'node:assert/strict';
import { globSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import { ensureMachineImage } from '../../sandbox/images/images.ts';
import { startDocker, tryDocker } from '../../sandbox/machine/docker.ts';
import { projectRoot } from '../../system/project-root.ts';
import { scratch } from '../support/scratch.ts';

test("the agent's unit tests pass under the server's own Node, bundled as the agent is", async () => {
  await startDocker();
  const { reference } = await ensureMachineImage();
  const folder = scratch('agent-tests');
  const tests = globSync('agent/**/*.test.ts', { cwd: projectRoot });
  await build({
    absWorkingDir: projectRoot,
    entryPoints: Object.fromEntries(tests.map((file) => [basename(file, '.ts'), file])),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    outdir: folder,
    outExtension: { '.js': '.mjs' },
  });
  assert.equal(readdirSync(folder).length, tests.length);
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
  const result = await tryDocker([...run, 'sh', '-c', 'node --test /tests/*.mjs']);
  assert.equal(result.code, 0, result.stdout + result.stderr);
  assert.match(result.stdout, /# fail 0/);
});
