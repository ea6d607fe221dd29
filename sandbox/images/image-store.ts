import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../system/run.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { callerCapabilities } from '../machine/capabilities.ts';
import { docker, dockerSocket, tryDocker } from '../machine/docker.ts';
import { removeSubvolume, storeDir } from '../machine/store.ts';

/**
 * A /var/lib/docker that holds the given images, made once for each set of images. Machines start from snapshots of it.
 * It is filled by the machine image's own Docker, so that its format fits whatever runs on the machines.
 */
export async function ensureImageStore(machineImage: string, references: string[]): Promise<string> {
  const key = createHash('sha256')
    .update([machineImage, ...references.toSorted()].join('\n'))
    .digest('hex')
    .slice(0, 12);
  const path = join(storeDir, 'images', key);
  if (existsSync(path)) {
    // Told apart from those that nobody asks for any more.
    utimesSync(path, new Date(), new Date());
    return path;
  }
  const draft = `${path}.new`;
  const filler = `haven-sandbox-fill-${key}`;
  await tryDocker(['rm', '-f', '-v', filler]);
  await removeSubvolume(draft);
  await run('btrfs', ['subvolume', 'create', draft]);
  await docker([
    ...['run', '-d', '--label', 'openhaven.sandbox=filler', '--name', filler, '--network', 'none'],
    ...['--cap-drop', 'ALL', ...callerCapabilities().flatMap((each) => ['--cap-add', each])],
    ...['--security-opt', 'seccomp=unconfined', '--security-opt', 'apparmor=unconfined'],
    ...['--security-opt', 'systempaths=unconfined', '-v', `${draft}:/var/lib/docker`, '--tmpfs', '/run'],
    ...[
      machineImage,
      'dockerd',
      '--bridge',
      'none',
      '--iptables=false',
      '--ip6tables=false',
      '--storage-driver',
      'overlay2',
    ],
  ]);
  try {
    await waitUntil(
      'the Docker engine that is filled with images',
      async () => (await tryDocker(['exec', filler, 'docker', 'info'])).code === 0,
    );
    if (references.length > 0) {
      const socket = await dockerSocket();
      const names = references.map((each) => `'${each}'`).join(' ');
      await run('bash', [
        '-c',
        `set -o pipefail; docker -H unix://${socket} save ${names} | docker -H unix://${socket} exec -i ${filler} docker load -q`,
      ]);
    }
    await docker(['stop', '-t', '20', filler]);
  } finally {
    await docker(['rm', '-f', '-v', filler]);
  }
  await run('btrfs', ['filesystem', 'sync', draft]);
  await run('mv', [draft, path]);
  utimesSync(path, new Date(), new Date());
  await forgetOldest(join(storeDir, 'images'));
  return path;
}

/** How many sets of images stay: that of the commit at hand, and of some before it. Each takes up to 2 GB. */
const kept = 4;

/** Machines that were started from one have their own copy of it, so none is missed. */
async function forgetOldest(folder: string): Promise<void> {
  const byUse = readdirSync(folder)
    .filter((name) => !name.endsWith('.new'))
    .map((name) => ({ path: join(folder, name), used: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.used - a.used);
  for (const { path } of byUse.slice(kept)) await removeSubvolume(path);
}
