import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { loadGoBuild, makeGoBuild } from '../../sandbox/images/go-build.ts';
import { buildWaitMs } from '../../sandbox/prepare.ts';
import { cacheDir } from '../../system/cache-dir.ts';
import { projectRoot } from '../../system/project-root.ts';
import { withLock } from '../../system/with-lock.ts';

/** The program of `images/<name>` itself, built from its Go module as that image has it; the next run finds it. */
export async function goProgram(name: string): Promise<string> {
  const folder = join(projectRoot, 'images', name);
  const build = loadGoBuild(folder) ?? assert.fail(`images/${name} has no go-build.json`);
  const root = join(cacheDir, 'test-programs', `${name}-${build.version}`);
  const make = async () => {
    if (existsSync(root)) return;
    await rm(`${root}.new`, { recursive: true, force: true });
    await makeGoBuild(build, `${root}.new`, folder);
    await rename(`${root}.new`, root);
  };
  // A test may ask for it twice at once.
  await withLock(`${root}.lock`, make, { waitMs: buildWaitMs });
  return join(root, build.programs[0]!.to);
}

/** A port of loopback that nothing uses. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(address && typeof address === 'object');
  return address.port;
}
