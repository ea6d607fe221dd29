import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../system/run.ts';
import { scratch } from './scratch.ts';

/** A btrfs of 1 GB on a loop device. Answers with where it is mounted, and what ends that. */
export async function mountBtrfs(): Promise<{ root: string; unmount: () => Promise<void> }> {
  const folder = scratch('btrfs');
  const image = join(folder, 'volume.img');
  writeFileSync(image, '');
  truncateSync(image, 1024 ** 3);
  await run('mkfs.btrfs', ['--quiet', image]);
  const device = (await run('losetup', ['--find', '--show', image])).stdout.trim();
  const root = join(folder, 'mounted');
  mkdirSync(root);
  await run('mount', ['-t', 'btrfs', device, root]);
  return {
    root,
    unmount: async () => {
      await run('umount', [root]);
      await run('losetup', ['--detach', device]);
    },
  };
}
