import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { postgresUid } from '../../core/release/compose.ts';
import type { Release } from '../../core/release/release.ts';
import { RunError, run, tryRun } from '../../system/run.ts';
import { copySnapshot, flush, removeData } from '../data/subvolumes.ts';
import { currentHash } from '../store/bundle-store.ts';
import { syncFolder } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';

/**
 * The dump of a service's own database (`needs.database`), made from a snapshot of its data by the PostgreSQL of its
 * release, in a container without network. Files of PostgreSQL can be read by the same major version only; a dump can be
 * read by newer ones, too, and to make it all of the data has to be read.
 */
const imageVariable = 'IMAGE_POSTGRES';

/** Whether the service of a release has a database of its own. */
export const hasDatabase = ({ images, data }: Release): boolean => imageVariable in images && 'db' in data;

export interface DumpOrder {
  release: Release;
  /** Hash of the release. */
  hash: string;
  /** The read-only snapshot of its data `db`. */
  snapshot: string;
  /** A folder on the same file system for what is needed meanwhile. */
  folder: string;
  /** The file to write: pg_dump's custom format. */
  to: string;
}

/** A large database may take long, on a server that is busy otherwise. */
const dumpMs = 2 * 60 * 60_000;

/**
 * Arguments: the database. Only this container reaches the server, so it trusts each user. Nothing that it writes to the
 * copy is kept, so it need not wait for the disk. The dump is not compressed: restic does that, and then finds what did
 * not change since the last one.
 */
const script = `set -euo pipefail
[ -f "$PGDATA/haven-ready" ] || { echo 'the first start of the database was not completed' >&2; exit 1; }
echo 'local all all trust' > /tmp/hba.conf
postgres -D "$PGDATA" -c listen_addresses= -c unix_socket_directories=/run/postgresql -c hba_file=/tmp/hba.conf -c fsync=off -c logging_collector=off -c archive_mode=off -c shared_buffers=64MB > /tmp/log 2>&1 &
server=$!
until pg_isready -q -h /run/postgresql; do
  kill -0 $server 2>/dev/null || { tail -n 5 /tmp/log >&2; exit 1; }
  sleep 0.2
done
pg_dump -h /run/postgresql -U postgres --format=custom --compress=0 --file=/dump/database.dump "$1"
pg_restore --list /dump/database.dump > /dev/null
kill -INT $server
wait $server`;

/** Writes the dump, complete or not at all. Throws with what PostgreSQL or Docker said. */
export async function dumpDatabase(layout: Layout, order: DumpOrder): Promise<void> {
  const { release, snapshot, folder, to } = order;
  if (existsSync(to)) return;
  const name = `haven-dump-${release.service}`;
  const copy = join(folder, 'db-copy');
  const out = join(folder, 'dump');
  const tidy = async () => {
    // The container outlives the command that started it.
    await run('docker', ['rm', '--force', name]);
    await removeData(copy);
    rmSync(out, { recursive: true, force: true });
  };
  try {
    const image = await findImage(layout, order);
    await tidy();
    await copySnapshot(snapshot, copy);
    mkdirSync(out, { mode: 0o700 });
    chownSync(out, postgresUid, postgresUid);
    await run('docker', dumpArguments({ name, image, copy, out, database: release.service }), {
      timeoutMs: dumpMs,
    });
    const made = join(out, 'database.dump');
    chownSync(made, 0, 0);
    chmodSync(made, 0o600);
    await flush(out);
    renameSync(made, to);
    syncFolder(folder);
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    throw new Error(
      `The database of ${release.service} can't be dumped, so it was not backed up: ${lastLine(error)}`,
      { cause: error },
    );
  } finally {
    await tidy();
  }
}

interface DumpCall {
  name: string;
  image: string;
  copy: string;
  out: string;
  database: string;
}

/** The container has no network, no rights, and sees nothing but the copy and the folder for the dump. */
const dumpArguments = ({ name, image, copy, out, database }: DumpCall): string[] => [
  ...['run', '--rm', '--name', name, '--pull', 'never', '--network', 'none', '--log-driver', 'none'],
  ...['--user', `${postgresUid}:${postgresUid}`, '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
  ...['--read-only', '--tmpfs', `/run/postgresql:uid=${postgresUid},gid=${postgresUid}`, '--tmpfs', '/tmp'],
  ...['--memory', '512m', '--pids-limit', '256', '--shm-size', '64m'],
  ...['--volume', `${copy}:/data`, '--volume', `${out}:/dump`],
  ...['--entrypoint', '/bin/bash', image, '-c', script, 'dump', database],
];

/** The image that the release ran, or that of the release that runs now. PostgreSQL refuses data of another major version. */
async function findImage(layout: Layout, { release, hash }: DumpOrder): Promise<string> {
  const releases = [hash, currentHash(layout, release.service)].filter((each) => each !== null);
  const names = [
    ...releases.flatMap((each) => imageIdOf(layout, release.service, each) ?? []),
    ...[release.images[imageVariable]].filter((each) => each !== undefined),
  ];
  for (const each of names)
    if ((await tryRun('docker', ['image', 'inspect', '--format', '{{.Id}}', each])).code === 0) return each;
  throw new Error(
    `The database of ${release.service} can't be dumped, so it was not backed up: the image of its PostgreSQL is not on this server any more. Run: haven up`,
  );
}

/** By the variables that the release's compose file uses. */
function imageIdOf(layout: Layout, service: string, hash: string): string | undefined {
  const file = join(layout.release(service, hash), '.env');
  if (!existsSync(file)) return undefined;
  return new RegExp(`^${imageVariable}='(.*)'$`, 'm').exec(readFileSync(file, 'utf8'))?.[1];
}

const lastLine = (error: RunError): string =>
  error.message
    .split('\n')
    .slice(1)
    .findLast((line) => line.trim() !== '') ?? error.message.split(': ').at(-1)!;
