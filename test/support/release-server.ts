import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { create } from 'tar';
import { scratch } from './scratch.ts';

/**
 * What goes wrong with a file: it breaks off or falls silent after so many bytes, once, or it answers with a status. `when`
 * is awaited before it breaks off, because what a client has not read by then is lost.
 */
export type Fault =
  | { cutAfter: number; when: Promise<unknown> }
  | { silentAfter: number }
  | { status: number };

/** A server with the paths and files of Pulumi's releases, on loopback. */
export class ReleaseServer {
  /** By path, such as `/sdk/pulumi-3.250.0-checksums.txt`. */
  readonly files = new Map<string, Buffer>();
  readonly faults = new Map<string, Fault>();
  /** Each request: its path, and from which byte on. */
  readonly asked: { path: string; from: number }[] = [];
  #url = '';

  static async listen(): Promise<ReleaseServer> {
    const server = new ReleaseServer();
    const http = createServer((request, response) => {
      const path = request.url ?? '';
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      server.asked.push({ path, from });
      server.#answer(path, from, response);
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    after(() => {
      http.closeAllConnections();
      http.close();
    });
    server.#url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    return server;
  }

  /** As `PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES` names a mirror. */
  get overrides(): string {
    return `^https://get\\.pulumi\\.com/releases/(sdk|plugins)$=${this.#url}/$1`;
  }

  get url(): string {
    return this.#url;
  }

  /** Publishes an archive, and its checksum in a list beside it. */
  async publish(
    path: string,
    programs: Record<string, string | Buffer>,
    { list, algorithm = 'sha256' }: { list?: string; algorithm?: 'sha256' | 'sha1' } = {},
  ): Promise<Buffer> {
    const archive = await archiveOf(programs);
    this.files.set(path, archive);
    if (list) {
      const sum = createHash(algorithm).update(archive).digest('hex');
      const name = algorithm === 'sha1' ? `./${path.split('/').at(-1)}` : path.split('/').at(-1);
      this.files.set(list, Buffer.from(`${'0'.repeat(sum.length)}  another-file.tar.gz\n${sum}  ${name}\n`));
    }
    return archive;
  }

  #answer(path: string, from: number, response: ServerResponse): void {
    const file = this.files.get(path);
    const fault = this.faults.get(path);
    if (!file || (fault && 'status' in fault)) {
      response.writeHead(fault && 'status' in fault ? fault.status : 404).end();
      return;
    }
    if (from >= file.length && from > 0) {
      response.writeHead(416).end();
      return;
    }
    const rest = file.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': rest.length });
    if (!fault) {
      response.end(rest);
      return;
    }
    this.faults.delete(path);
    const bytes = 'cutAfter' in fault ? fault.cutAfter : fault.silentAfter;
    response.write(rest.subarray(0, bytes));
    if ('cutAfter' in fault) void fault.when.then(() => response.destroy());
  }
}

async function archiveOf(programs: Record<string, string | Buffer>): Promise<Buffer> {
  const folder = scratch('release');
  for (const [path, content] of Object.entries(programs)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content, { mode: 0o755 });
  }
  const file = join(scratch('release'), 'archive.tar.gz');
  await create({ gzip: true, cwd: folder, file, portable: true }, Object.keys(programs));
  return readFileSync(file);
}
