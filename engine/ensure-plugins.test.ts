import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DownloadError } from '../system/download.ts';
import { ReleaseServer } from '../test/support/release-server.ts';
import { scratch } from '../test/support/scratch.ts';
import { ensurePlugins, findPlugin, pluginFile, pluginOf } from './ensure-plugins.ts';
import { pluginRelease } from './release.ts';

const variable = 'PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES';
after(() => delete process.env[variable]);

const hcloud = pluginOf('hcloud');
const { archive, checksums } = pluginRelease(hcloud)!;

async function prepared(list: { list?: string; algorithm?: 'sha256' | 'sha1' }) {
  const server = await ReleaseServer.listen();
  process.env[variable] = server.overrides;
  await server.publish(`/plugins/${archive}`, { 'pulumi-resource-hcloud': 'plugin', LICENSE: 'text' }, list);
  const cache = scratch('cache');
  const told: string[] = [];
  const report = { say: (line: string) => void told.push(line), progress: () => undefined };
  return { server, cache, told, options: { cache, path: '', report } };
}

test('a plugin has the version of its npm package', () => {
  assert.match(hcloud.version, /^\d+\.\d+\.\d+$/);
  assert.match(
    archive,
    new RegExp(`^pulumi-resource-hcloud-v${hcloud.version}-(linux|darwin)-(amd64|arm64)\\.tar\\.gz$`),
  );
});

for (const algorithm of ['sha256', 'sha1'] as const)
  test(`plugins are fetched to where the engine looks for them, and compared with a list of ${algorithm}`, async () => {
    const { server, cache, told, options } = await prepared({ list: `/plugins/${checksums}`, algorithm });
    await ensurePlugins([hcloud], options);
    const file = pluginFile(hcloud, cache);
    assert.equal(readFileSync(file, 'utf8'), 'plugin');
    assert.equal(statSync(file).mode & 0o777, 0o755);
    assert.deepEqual(readdirSync(join(file, '..')), ['pulumi-resource-hcloud']);
    assert.deepEqual(told, []);
    const asked = server.asked.length;
    await ensurePlugins([hcloud], options);
    assert.equal(server.asked.length, asked, 'the second time nothing is asked');
  });

test('a plugin that differs from the published list is refused', async () => {
  const { server, cache, options } = await prepared({ list: `/plugins/${checksums}`, algorithm: 'sha1' });
  await server.publish(`/plugins/${archive}`, { 'pulumi-resource-hcloud': 'something else' });
  await assert.rejects(ensurePlugins([hcloud], options), (error: DownloadError) => {
    assert.equal(error.why, 'changed');
    assert.match(error.message, /its sha1 is/);
    return true;
  });
  assert.equal(existsSync(pluginFile(hcloud, cache)), false);
});

test('if no checksum is published, that is told', async () => {
  const { told, options, cache } = await prepared({});
  await ensurePlugins([hcloud], options);
  assert.ok(existsSync(pluginFile(hcloud, cache)));
  assert.deepEqual(told, [
    `Pulumi plugin hcloud ${hcloud.version}: no checksum is published for it, so it was not compared with one`,
  ]);
});

test('a plugin on PATH is used, as the engine does', async () => {
  const { server, cache } = await prepared({});
  const path = scratch('path');
  writeFileSync(join(path, 'pulumi-resource-hcloud'), 'plugin', { mode: 0o755 });
  await ensurePlugins([hcloud], { cache, path });
  assert.deepEqual(server.asked, []);
  assert.equal(findPlugin(hcloud, { cache, path }), join(path, 'pulumi-resource-hcloud'));
});

test('a plugin that can not be reached is an error, and leaves nothing that looks like one', async () => {
  const { cache, options } = await prepared({});
  process.env[variable] = '.*=http://127.0.0.1:9';
  await assert.rejects(ensurePlugins([hcloud], options), DownloadError);
  assert.equal(existsSync(pluginFile(hcloud, cache)), false);
});
