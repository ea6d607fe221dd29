import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../system/run.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { callerCapabilities } from '../machine/capabilities.ts';
import { docker, dockerSocket, tryDocker } from '../machine/docker.ts';
import { removeSubvolume, snapshot, storeDir } from '../machine/store.ts';
import { type StoreChange, storeChange } from './store-change.ts';

/** A /var/lib/docker with images, from whose snapshots machines start. */
interface Store {
  path: string;
  machineImage: string;
  references: string[];
  /** When it was last asked for, in milliseconds. */
  used: number;
}

const folder = join(storeDir, 'images');
/** What a store holds, in a file of ours beside Docker's own folders. */
const contentsOf = (path: string): string => join(path, 'openhaven.json');

/** A store that holds all of these images, the most recently used one first; undefined where there is none. */
export function findStore(machineImage: string, references: string[]): string | undefined {
  return stores().find(
    (each) => each.machineImage === machineImage && references.every((one) => each.references.includes(one)),
  )?.path;
}

/**
 * A /var/lib/docker that holds the given images. It grows out of the newest one: that one's images are there at once, only
 * what it lacks is copied, and what newer images replace is deleted. The machine image's own Docker does it, so that the
 * format fits whatever runs on the machines.
 */
export async function ensureImageStore(machineImage: string, references: string[]): Promise<string> {
  const found = findStore(machineImage, references);
  if (found) {
    // Told apart from those that nobody asks for any more.
    utimesSync(contentsOf(found), new Date(), new Date());
    return found;
  }
  const newest = stores()[0];
  const change = storeChange(newest?.references ?? [], references);
  const key = createHash('sha256')
    .update([machineImage, ...change.all].join('\n'))
    .digest('hex')
    .slice(0, 12);
  const path = join(folder, key);
  const draft = `${path}.new`;
  await removeSubvolume(draft);
  if (newest) await snapshot(newest.path, draft);
  else await run('btrfs', ['subvolume', 'create', draft]);
  await fill(machineImage, key, draft, change);
  writeFileSync(contentsOf(draft), JSON.stringify({ machineImage, references: change.all }));
  await run('btrfs', ['filesystem', 'sync', draft], { timeoutMs: 20 * 60_000 });
  await removeSubvolume(path);
  await run('mv', [draft, path]);
  await forgetOldest();
  return path;
}

/** Starts the machine image's Docker on a draft and changes which images it holds. */
async function fill(machineImage: string, key: string, draft: string, change: StoreChange): Promise<void> {
  const filler = `haven-sandbox-fill-${key}`;
  await tryDocker(['rm', '-f', '-v', filler]);
  await docker([
    ...['run', '-d', '--label', 'openhaven.sandbox=filler', '--name', filler, '--network', 'none'],
    ...['--cap-drop', 'ALL', ...callerCapabilities().flatMap((each) => ['--cap-add', each])],
    ...['--security-opt', 'seccomp=unconfined', '--security-opt', 'apparmor=unconfined'],
    ...['--security-opt', 'systempaths=unconfined', '-v', `${draft}:/var/lib/docker`, '--tmpfs', '/run'],
    ...[machineImage, 'dockerd', '--bridge', 'none', '--iptables=false', '--ip6tables=false'],
    ...['--storage-driver', 'overlay2'],
  ]);
  try {
    await waitUntil(
      'the Docker engine that is filled with images',
      async () => (await tryDocker(['exec', filler, 'docker', 'info'])).code === 0,
    );
    if (change.remove.length > 0) await docker(['exec', filler, 'docker', 'image', 'rm', ...change.remove]);
    await copyImages(change.add, filler);
    await docker(['stop', '-t', '20', filler]);
  } finally {
    await docker(['rm', '-f', '-v', filler]);
  }
}

/** Copies images from this machine's Docker into that of a running container. */
export async function copyImages(references: string[], container: string): Promise<void> {
  if (references.length === 0) return;
  const socket = await dockerSocket();
  const command =
    'set -o pipefail; host=$1 container=$2; shift 2; docker -H "$host" save "$@" | docker -H "$host" exec -i "$container" docker load -q';
  await run('bash', ['-c', command, 'copy', `unix://${socket}`, container, ...references], {
    timeoutMs: 20 * 60_000,
  });
}

/** All stores, the most recently used one first. */
function stores(): Store[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => !path.endsWith('.new') && existsSync(contentsOf(path)))
    .map((path) => {
      const contents = JSON.parse(readFileSync(contentsOf(path), 'utf8')) as Omit<Store, 'path' | 'used'>;
      return { ...contents, path, used: statSync(contentsOf(path)).mtimeMs };
    })
    .sort((a, b) => b.used - a.used);
}

/** How many sets of images stay: that of the commit at hand, and of some before it. They share what they have in common. */
const kept = 4;

/** Machines that were started from one have their own copy of it, so none is missed. */
async function forgetOldest(): Promise<void> {
  const keep = stores()
    .slice(0, kept)
    .map(({ path }) => path);
  for (const path of readdirSync(folder).map((name) => join(folder, name)))
    if (!path.endsWith('.new') && !keep.includes(path)) await removeSubvolume(path);
}
