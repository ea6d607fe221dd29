import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import type { DownloadError } from '../system/download.ts';
import { run } from '../system/run.ts';
import { ReleaseServer } from '../test/support/release-server.ts';
import { scratch } from '../test/support/scratch.ts';
import { engineVersion } from './engine-root.ts';
import { type EngineOptions, ensureEngine, NoEngine } from './ensure-engine.ts';
import { engineRelease } from './release.ts';

/** A program that answers with a version, as the engine does. */
const saying = (version: string): string => `#!/bin/sh\necho v${version}\n`;

const variable = 'PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES';
after(() => delete process.env[variable]);

interface Setting {
  engine?: string;
  onPath?: Record<string, string>;
}

/** A server with a release of the engine for this machine, an empty cache, and a PATH with these programs. */
async function prepared({ engine = saying(engineVersion), onPath = {} }: Setting = {}) {
  const server = await ReleaseServer.listen();
  process.env[variable] = server.overrides;
  const { archive, checksums } = engineRelease(engineVersion)!;
  const paths = { archive: `/sdk/${archive}`, list: `/sdk/${checksums}` };
  const language = { 'pulumi/pulumi-language-nodejs': saying('0.0.0') };
  await server.publish(paths.archive, { 'pulumi/pulumi': engine, ...language }, { list: paths.list });
  const cache = scratch('cache');
  const path = scratch('path');
  for (const [name, text] of Object.entries(onPath)) putProgram(path, name, text);
  const told: string[] = [];
  const options: EngineOptions = {
    cache,
    path,
    report: { say: (line) => told.push(line), progress: (what) => told.push(what) },
    build: async () => assert.fail('nothing is built here'),
  };
  return { server, paths, cache, path, told, options };
}

function putProgram(folder: string, name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  chmodSync(join(folder, name), 0o755);
  return join(folder, name);
}

const runs = (root: string): string =>
  execFileSync(join(root, 'bin', 'pulumi'), ['version'], { encoding: 'utf8' }).trim();

test('the engine is downloaded, verified, and put into the cache without what is not used of it', async () => {
  const { options, told, cache, server } = await prepared();
  const root = await ensureEngine(options);
  assert.equal(runs(root), `v${engineVersion}`);
  assert.deepEqual(readdirSync(join(root, 'bin')).sort(), ['pulumi', 'pulumi-engine']);
  assert.deepEqual(readdirSync(join(cache, 'downloads')), []);
  assert.ok(told.includes(`Pulumi engine ${engineVersion}`), 'progress is told');

  const asked = server.asked.length;
  assert.equal(await ensureEngine(options), root);
  assert.equal(server.asked.length, asked, 'the second time nothing is asked');
});

test('an engine of our version on PATH is used, and nothing is downloaded', async () => {
  const { options, server, path } = await prepared({ onPath: { pulumi: saying(engineVersion) } });
  const root = await ensureEngine(options);
  assert.equal(runs(root), `v${engineVersion}`);
  assert.deepEqual(server.asked, []);
  // Updated: from now on it is another version, and that is noticed.
  putProgram(path, 'pulumi', saying('3.999.0'));
  const other = await ensureEngine(options);
  assert.notEqual(other, root);
  assert.equal(runs(other), `v${engineVersion}`);
});

test('an engine of another version on PATH is left alone', async () => {
  const { options } = await prepared({ onPath: { pulumi: saying('3.100.0') } });
  assert.equal(runs(await ensureEngine(options)), `v${engineVersion}`);
});

test('an archive that is not what was released is refused; nothing is built in its place', async () => {
  const { options, server, paths, cache } = await prepared({ onPath: { go: saying('1') } });
  await server.publish(paths.archive, { 'pulumi/pulumi': 'something else' });
  await assert.rejects(ensureEngine(options), (error: DownloadError) => {
    assert.equal(error.why, 'changed');
    return true;
  });
  assert.deepEqual(readdirSync(cache), ['downloads']);
});

test('a release without a checksum of the archive is not used', async () => {
  const { options, server, paths } = await prepared();
  server.files.set(paths.list, Buffer.from(''));
  await assert.rejects(
    ensureEngine(options),
    /has no checksum of pulumi-v.*, and there is no Go to build it with$/,
  );
});

test('a program on PATH that can not be started is left alone', async () => {
  const { options } = await prepared({ onPath: { pulumi: '#!/does/not/exist\n' } });
  assert.equal(runs(await ensureEngine(options)), `v${engineVersion}`);
});

test('a downloaded program that does not run here is refused', async () => {
  const { options } = await prepared({ engine: '#!/does/not/exist\n' });
  await assert.rejects(ensureEngine(options), /was downloaded does not run on this computer$/);
});

test('an archive that holds another version is refused', async () => {
  const { options } = await prepared({ engine: saying('3.1.0') });
  await assert.rejects(ensureEngine(options), /was downloaded says that it is 3\.1\.0, not 3\./);
});

test('where downloads can not be reached the engine is built, if there is Go', async () => {
  const { options, told, cache } = await prepared({ onPath: { go: saying('1') } });
  process.env[variable] = '.*=http://127.0.0.1:9';
  const build: EngineOptions['build'] = async (to, version) => {
    assert.equal(version, engineVersion);
    putProgram(join(to, '..'), 'pulumi-engine', saying(version));
  };
  assert.equal(runs(await ensureEngine({ ...options, build })), `v${engineVersion}`);
  assert.match(told[0]!, /^127\.0\.0\.1:9 can't be reached \(.*\)\. Building the Pulumi engine/);
  assert.ok(existsSync(cache));
});

test('where there is neither a download nor Go, it says so', async () => {
  const { options, cache } = await prepared();
  process.env[variable] = '.*=http://127.0.0.1:9';
  await assert.rejects(ensureEngine(options), (error) => {
    assert.ok(error instanceof NoEngine);
    assert.match(error.message, /can't be reached \(.*\), and there is no Go to build it with$/);
    return true;
  });
  assert.deepEqual(readdirSync(cache), []);
});

test('two processes at once both get the engine, and nothing is left of one that was killed', async () => {
  const { cache, path } = await prepared();
  mkdirSync(
    join(cache, `engine-old.${execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim()}.new`),
  );
  const module = new URL('./ensure-engine.ts', import.meta.url).href;
  const script = `const { ensureEngine } = await import(${JSON.stringify(module)}); console.log(await ensureEngine(${JSON.stringify({ cache, path })}))`;
  const both = await Promise.all(
    [1, 2].map(() => run(process.execPath, ['--input-type=module', '-e', script])),
  );
  const roots = both.map(({ stdout }) => stdout.trim());
  assert.equal(roots[0], roots[1]);
  assert.equal(runs(roots[0]!), `v${engineVersion}`);
  assert.deepEqual(readdirSync(cache).sort(), ['downloads', basename(roots[0]!)]);
  assert.deepEqual(readdirSync(join(cache, 'downloads')), []);
});
