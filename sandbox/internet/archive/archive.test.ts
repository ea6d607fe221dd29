import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, test } from 'node:test';
import { scratch } from '../../../test/support/scratch.ts';
import { listen } from '../../emulators/http-api.ts';
import { debianArchive } from './archive.ts';
import type { ArchiveFaults } from './fault.ts';

/** The archive before a mirror of this process, which counts what it is asked. */
let faults: ArchiveFaults = {};
let mirrorIs: 'there' | 'broken' | 'cutting' = 'there';
let validUntil = '';
let seen: string[] = [];
const folder = scratch('archive');
const mirror = createServer(({ url = '', headers }, response) => {
  seen.push(url);
  if (mirrorIs === 'broken') response.writeHead(503).end();
  else if (url.startsWith('/moved/'))
    response.writeHead(302, { location: url.replace('/moved', '/debian') }).end();
  else if (url.endsWith('absent.deb')) response.writeHead(404).end();
  else if (headers['if-modified-since']) response.writeHead(304).end();
  else if (url.endsWith('/InRelease')) response.end(`Suite: x\n${validUntil}`);
  else if (mirrorIs === 'cutting') {
    response.writeHead(200, { 'content-length': 100 }).write('half', () => response.destroy());
  } else response.writeHead(200, { 'content-length': 5, 'content-encoding': 'gzip' }).end('bytes');
});
const servers: Server[] = [mirror];

before(() => listen(mirror, 0, '127.0.0.1'));
after(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});
beforeEach(() => {
  [faults, mirrorIs, validUntil, seen] = [{}, 'there', '', []];
});

async function serve(part = 'debian'): Promise<number> {
  const address = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}/${part}`;
  const archive = createServer(debianArchive({ mirrors: { debian: address }, folder, faults: () => faults }));
  servers.push(archive);
  await listen(archive, 0, '127.0.0.1');
  return (archive.address() as AddressInfo).port;
}

function ask(port: number, path: string, headers: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, headers: { host: 'deb.debian.org', ...headers } };
    get(options, (found) => {
      text(found).then((body) => resolve(`${found.statusCode} ${body}`.trim()), reject);
    }).on('error', reject);
  });
}

test('a file whose name says what it is comes from the mirror once', async () => {
  const port = await serve();
  for (const path of ['/debian/pool/a.deb', '/debian/dists/x/by-hash/SHA256/00']) {
    seen = [];
    for (const _ of [1, 2]) assert.equal(await ask(port, path), '200 bytes');
    assert.deepEqual(seen, [path]);
    mirrorIs = 'broken';
    assert.equal(await ask(port, path), '200 bytes', 'also while the mirror is away');
    mirrorIs = 'there';
  }
});

test('other files come from the mirror each time, and what it lacks is not kept', async () => {
  const port = await serve();
  for (const path of ['/debian/dists/x/Release', '/debian/pool/absent.deb']) {
    seen = [];
    for (const _ of [1, 2]) await ask(port, path);
    assert.deepEqual(seen, [path, path]);
  }
  assert.equal(await ask(port, '/debian/pool/absent.deb'), '404');
  assert.equal(
    await ask(port, '/debian-security/pool/a.deb'),
    '404 deb.debian.org has no /debian-security/pool/a.deb',
  );
});

test('a file that breaks off is not kept', async () => {
  const port = await serve();
  mirrorIs = 'cutting';
  await assert.rejects(ask(port, '/debian/pool/b.deb'));
  assert.ok(!existsSync(join(folder, 'debian/pool/b.deb')));
  mirrorIs = 'there';
  assert.equal(await ask(port, '/debian/pool/b.deb'), '200 bytes');
});

test('an index is asked for each time, and served from before while it counts and the mirror is away', async () => {
  const port = await serve();
  const index = '/debian/dists/x/InRelease';
  validUntil = 'Valid-Until: Thu, 01 Jan 1998 00:00:00 UTC\n';
  assert.match(await ask(port, index), /^200 Suite: x\nValid/);
  mirrorIs = 'broken';
  assert.equal(await ask(port, index), '502 The mirror of this machine: answers 503');
  mirrorIs = 'there';
  validUntil = '';
  assert.equal(await ask(port, index), '200 Suite: x');
  mirrorIs = 'broken';
  assert.equal(await ask(port, index), '200 Suite: x');
  assert.deepEqual(seen, [index, index, index, index]);
  mirrorIs = 'there';
  assert.equal(await ask(port, index, { 'if-modified-since': 'Thu, 01 Jan 1998 00:00:00 GMT' }), '304');
});

test('redirects of the mirror are followed here', async () => {
  const port = await serve('moved');
  assert.equal(await ask(port, '/debian/pool/c.deb'), '200 bytes');
  assert.deepEqual(seen, ['/moved/pool/c.deb', '/debian/pool/c.deb']);
});

test('faults of the archive are those of the name that they were ordered for', async () => {
  const port = await serve();
  faults = { 'deb.debian.org': 'unavailable' };
  assert.equal(await ask(port, '/debian/pool/a.deb'), '503 Service Unavailable');
  faults = { 'deb.debian.org': 'refused' };
  await assert.rejects(ask(port, '/debian/pool/a.deb'), { code: 'ECONNRESET' });
  faults = { 'security.debian.org': 'unavailable' };
  assert.equal(await ask(port, '/debian/pool/a.deb'), '200 bytes');
});
