import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from '../../../system/cache-dir.ts';
import type { BuildTask } from '../../build/task.ts';
import { downloadGoBuild, type GoBuild, makeGoBuild } from '../../images/go-build.ts';

/** Versity's S3 gateway: a real S3 server that keeps its objects as files in a folder. */
const build: GoBuild = {
  module: 'github.com/versity/versitygw',
  version: 'v1.8.0',
  programs: [{ package: './cmd/versitygw', to: '/versitygw', ldflags: '-s -w' }],
};
const folder = join(cacheDir, `versitygw-${build.version}`);

/** The S3 server's program on this machine, linked statically; it exists once {@link storageTasks} are done. */
export const storageProgram = join(folder, 'versitygw');

const isMade = async (): Promise<boolean> => existsSync(storageProgram);

/**
 * Downloads and builds the S3 server. A cloud starts without it, so no start of a sandbox waits for it: it is built when a
 * bucket is asked for (`haven sandbox bucket`), and before tests that use one.
 */
export const storageTasks: BuildTask[] = [
  {
    name: 'Modules of the object storage',
    lane: 'network',
    after: [],
    seconds: 15,
    isMade,
    make: () => downloadGoBuild(build),
  },
  {
    name: 'Object storage',
    lane: 'cpu',
    after: ['Modules of the object storage'],
    seconds: 45,
    isMade,
    async make() {
      await rm(`${folder}.new`, { recursive: true, force: true });
      await makeGoBuild(build, `${folder}.new`);
      await rename(`${folder}.new`, folder);
    },
  },
];
