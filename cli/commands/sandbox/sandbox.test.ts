import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { scratch } from '../../../test/support/scratch.ts';

// Where the sandbox keeps its state is read when its modules are loaded: this machine's own is not touched. So this file has a
// process of its own (setup/test-unit.ts).
process.env.HAVEN_SANDBOX_HOME = scratch('sandbox');
process.env.HAVEN_CACHE = scratch('cache');
const { daemonCommand } = await import('../../../sandbox/daemon-process.ts');
const { pidFile } = await import('../../../sandbox/host/paths.ts');
const { storageProgram } = await import('../../../sandbox/internet/storage/program.ts');
const { storageEndpoint } = await import('../../../sandbox/internet/storage/names.ts');
const { fails, openCloud, succeeds, type } = await import('../../../test/support/typist.ts');

test('says that the sandbox is not running, and how to start it', async () => {
  const { screen, json } = await succeeds('sandbox status');
  assert.deepEqual(json, { running: false });
  assert.match(screen.stdout, /The sandbox is not running\. To start it, run: npm start/);
});

test('opens nothing and installs nothing without a cloud or a screen', async () => {
  delete process.env.DISPLAY;
  delete process.env.WAYLAND_DISPLAY;
  await openCloud({ services: ['website'] });
  const { code, stderr } = await type(['sandbox', 'open']);
  assert.equal(code, 1);
  assert.match(stderr, /this cloud is not in the sandbox/);
  process.env.HAVEN_DIRECTORY = scratch('empty');
  assert.match((await type(['sandbox', 'open'])).stderr, /there is no haven\.yaml here/);
});

test('asks before it forgets the sandbox', async () => {
  await fails(['sandbox', 'reset'], 'declined', /deletes the sandbox cloud.*Nothing was changed\..*--yes/);
});

test('a bucket needs a sandbox that runs', async () => {
  await fails(
    ['sandbox', 'bucket', 'my-backups'],
    'failed',
    /haven sandbox bucket: the sandbox is not running\. Nothing was changed\. To start it, run: npm start/,
  );
});

test('a name that no bucket can have is refused with the rule', async () => {
  const rule =
    /"My_Backups" is not a name for a bucket: a-z, 0-9 and hyphens, 3 to 63 characters\..*my-backups/;
  await fails(['sandbox', 'bucket', 'My_Backups'], 'usage', rule);
  await fails(['sandbox', 'bucket'], 'usage', /NAME is missing\. The name of the bucket: a-z/);
});

test('a bucket comes with the lines for haven.yaml, and with what to run next', async (t) => {
  const asked = await runSandbox(t);
  const { screen, json } = await succeeds('sandbox bucket', ['my-backups']);
  const put = 'PUT /buckets {"name":"my-backups"}';
  assert.deepEqual(asked, [put, put], 'typed twice, it leaves the bucket that exists');
  assert.deepEqual(json, keptBucket('my-backups'));
  const { endpoint, region, key, secret } = keptBucket('my-backups');
  const yaml = /^backups:\n(?: .*\n)+/m.exec(screen.stdout)?.[0] ?? '';
  assert.deepEqual(parse(yaml), { backups: { s3: { endpoint, bucket: 'my-backups', region } } });
  assert.match(screen.stdout, /cloud\/haven\.yaml\..*They open nothing outside this sandbox/s);
  assert.deepEqual(
    screen.stdout.match(/^ {4}\S.*/gm)?.filter((line) => !/: /.test(line)),
    [
      `    echo ${key} | haven secret set backup-s3-key`,
      `    echo ${secret} | haven secret set backup-s3-secret`,
      ...['    haven up', '    haven backup now', '    haven backup list'],
    ],
  );
});

const keptBucket = (bucket: string) => ({
  endpoint: storageEndpoint,
  region: 'fsn1',
  bucket,
  key: 'KEYOFTHESANDBOX',
  secret: 'secret-of-the-sandbox',
});

/**
 * A process that looks like the one behind a sandbox, whose S3 server was built before. What is asked of it is answered
 * here and noted: the real one is in test/layers/object-storage.test.ts.
 */
async function runSandbox(t: TestContext): Promise<string[]> {
  mkdirSync(dirname(storageProgram), { recursive: true });
  writeFileSync(storageProgram, '');
  const child: ChildProcess = spawn(process.execPath, ['-e', 'process.stdin.resume()', daemonCommand]);
  await once(child, 'spawn');
  writeFileSync(pidFile, String(child.pid));
  t.after(() => {
    child.kill();
    rmSync(pidFile);
  });
  const asked: string[] = [];
  t.mock.method(globalThis, 'fetch', async (address: string, { method, body }: RequestInit) => {
    asked.push(`${method} ${new URL(address).pathname} ${body}`);
    const { name } = JSON.parse(String(body)) as { name: string };
    return Response.json(keptBucket(name));
  });
  return asked;
}
