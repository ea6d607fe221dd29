import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ReleaseServer } from '../test/support/release-server.ts';
import { scratch } from '../test/support/scratch.ts';
import { DownloadError, type DownloadRequest, download } from './download.ts';

const content = randomBytes(400_000);
const sha256 = createHash('sha256').update(content).digest('hex');

async function served(more: Partial<DownloadRequest> = {}) {
  const server = await ReleaseServer.listen();
  server.files.set('/file', content);
  const folder = scratch('download');
  const fetch = () =>
    download({
      url: `${server.url}/file`,
      folder,
      name: 'file',
      checksum: { algorithm: 'sha256', hex: sha256 },
      ...more,
    });
  return { server, folder, fetch };
}

const failsBy = (why: DownloadError['why'], said: RegExp) => (error: unknown) => {
  assert.ok(error instanceof DownloadError, String(error));
  assert.equal(error.why, why);
  assert.match(error.message, said);
  return true;
};

/** The number of a process that has ended. */
const ended = (): number => spawnSync(process.execPath, ['-e', '0']).pid;

test('fetches a file whole, and says how far it is', async () => {
  const seen: [number, number | undefined][] = [];
  const { fetch } = await served({ onProgress: (received, total) => seen.push([received, total]) });
  assert.deepEqual(readFileSync(await fetch()), content);
  assert.deepEqual(seen.at(-1), [content.length, content.length]);
});

test('a transfer that breaks off is continued where it stopped', async () => {
  let begin: () => void = () => undefined;
  const when = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const { server, fetch } = await served({ onProgress: () => begin() });
  server.faults.set('/file', { cutAfter: 100_000, when });
  assert.deepEqual(readFileSync(await fetch()), content);
  assert.equal(server.asked.length, 2);
  assert.ok(server.asked[1]!.from > 0, 'the second request asks for the rest only');
});

test('a server that falls silent is given up, and asked again for the rest', async () => {
  const { server, fetch } = await served({ silenceMs: 1000 });
  server.faults.set('/file', { silentAfter: 100_000 });
  assert.deepEqual(readFileSync(await fetch()), content);
  assert.ok(server.asked[1]!.from > 0);
});

test('what an earlier process left is continued', async () => {
  const { server, folder, fetch } = await served();
  writeFileSync(join(folder, `file.${ended()}.part`), content.subarray(0, 300_000));
  assert.deepEqual(readFileSync(await fetch()), content);
  assert.deepEqual(server.asked, [{ path: '/file', from: 300_000 }]);
});

test('what a process that still runs has begun is left to it', async () => {
  const { server, folder, fetch } = await served();
  const its = join(folder, `file.${process.ppid}.part`);
  writeFileSync(its, content.subarray(0, 10));
  await fetch();
  assert.deepEqual(server.asked, [{ path: '/file', from: 0 }]);
  assert.equal(readFileSync(its).length, 10);
});

test('a part of another file is thrown away, and the file is fetched from its beginning', async () => {
  const { server, folder, fetch } = await served();
  writeFileSync(join(folder, `file.${ended()}.part`), randomBytes(300_000));
  assert.deepEqual(readFileSync(await fetch()), content);
  assert.deepEqual(
    server.asked.map((each) => each.from),
    [300_000, 0],
  );
});

test('a file with another checksum is refused and deleted', async () => {
  const { server, folder, fetch } = await served();
  server.files.set('/file', randomBytes(content.length));
  await assert.rejects(
    fetch,
    failsBy('changed', /is not the file that was released: its sha256 is [0-9a-f]{64}, and/),
  );
  assert.deepEqual(readdirSync(folder), []);
});

test('a file that takes more room than the disk has is refused before it is fetched', async () => {
  const { folder, fetch } = await served({ room: 1e12 });
  await assert.rejects(fetch, failsBy('space', /^\d+ MB are required in .*, and \d+ MB are free$/));
  assert.deepEqual(readdirSync(folder), []);
});

test('a file that does not exist is told from a server that fails, and from one that is not there', async () => {
  const { server, fetch } = await served();
  server.faults.set('/file', { status: 403 });
  await assert.rejects(fetch, failsBy('missing', /answers 403$/));
  server.faults.set('/file', { status: 503 });
  await assert.rejects(fetch, failsBy('unreachable', /answers 503$/));
  const nowhere = download({ url: 'http://127.0.0.1:1/file', folder: scratch('download'), name: 'file' });
  await assert.rejects(
    nowhere,
    failsBy('unreachable', /^127\.0\.0\.1:1 can't be reached \(ECONNREFUSED\)$|bad port/),
  );
});
