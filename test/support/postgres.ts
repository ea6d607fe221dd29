import { chmodSync, globSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run, tryRun } from '../../system/run.ts';
import { scratch } from './scratch.ts';

/**
 * A real PostgreSQL of this machine, in a folder of the test, reached by a socket in it. It refuses to run as root, so it
 * runs as Debian's user `postgres` then.
 */
export class Postgres {
  /** Where its socket is; what `PGHOST` is set to. */
  readonly folder: string;
  readonly #bin: string;
  readonly #as: { uid: number; gid: number } | undefined;

  private constructor(folder: string, bin: string, as: { uid: number; gid: number } | undefined) {
    this.folder = folder;
    this.#bin = bin;
    this.#as = as;
  }

  /** `listen`: an address of this machine on which it answers as well, at PostgreSQL's own port. */
  static async start(name: string, { listen = '' } = {}): Promise<Postgres> {
    const bin = globSync('/usr/lib/postgresql/*/bin').sort().at(-1);
    if (!bin) throw new Error('PostgreSQL is missing on this machine. Type: apt-get install postgresql');
    const folder = scratch(name);
    const as = process.getuid?.() === 0 ? await idsOf('postgres') : undefined;
    if (as) await run('chown', [`${as.uid}:${as.gid}`, folder]);
    chmodSync(folder, 0o755);
    const server = new Postgres(folder, bin, as);
    await server.#run('initdb', [
      '-D',
      join(folder, 'data'),
      '-U',
      'postgres',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--no-sync',
    ]);
    const settings = `-c listen_addresses=${listen} -c unix_socket_directories=${folder} -c fsync=off`;
    await server.#run('pg_ctl', [
      '-D',
      join(folder, 'data'),
      '-o',
      settings,
      '-l',
      join(folder, 'log'),
      '-w',
      'start',
    ]);
    return server;
  }

  async stop(): Promise<void> {
    await this.#run('pg_ctl', ['-D', join(this.folder, 'data'), '-m', 'immediate', '-w', 'stop']);
  }

  /** A database that belongs to a role of its own name, as images/postgres makes it. */
  async createDatabase(name: string): Promise<void> {
    await this.sql('postgres', `CREATE ROLE "${name}" LOGIN`);
    await this.sql('postgres', `CREATE DATABASE "${name}" OWNER "${name}"`);
  }

  /** Rows as text, columns separated by `|`. */
  async sql(database: string, statements: string): Promise<string[]> {
    const args = [
      '-X',
      '-q',
      '-A',
      '-t',
      '-v',
      'ON_ERROR_STOP=1',
      '-U',
      'postgres',
      '-d',
      database,
      '-f',
      '-',
    ];
    const { stdout } = await run('psql', args, { env: this.environment, input: statements });
    return stdout.split('\n').filter(Boolean);
  }

  get environment(): NodeJS.ProcessEnv {
    return { ...process.env, PGHOST: this.folder };
  }

  async #run(program: string, args: string[]): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    await run(join(this.#bin, program), args, { cwd: this.folder, timeoutMs: 60_000, ...this.#as });
  }
}

async function idsOf(user: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await tryRun('id', [flag, user])).stdout)),
  );
  if (!uid || !gid)
    throw new Error(`There is no user ${user} on this machine. Type: apt-get install postgresql`);
  return { uid, gid };
}
