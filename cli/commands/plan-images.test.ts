import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { parsePins, renderPins } from '../../core/config/pins.ts';
import type { Change } from '../../core/plan/changes.ts';
import type { ShownImages } from '../../core/plan/shown-images.ts';
import type { UpstreamImage } from '../../core/release/upstream-image.ts';
import { projectRoot } from '../../system/project-root.ts';
import { RegistryRefusal } from '../../system/registry.ts';
import { away, stubRegistries } from '../../test/support/stub-registries.ts';
import { stubSessions } from '../../test/support/stub-session.ts';
import { fails, openCloud, succeeds, type } from '../../test/support/typist.ts';
import { Project } from '../project/project.ts';

const server: Change = {
  kind: 'create',
  type: 'hcloud:index/server:Server',
  name: 'a',
  properties: [],
  after: { serverType: 'cx33', location: 'fsn1' },
};
const created = (service: string): Change => ({
  kind: 'create',
  type: 'haven:index:Release',
  name: `release-${service}`,
  properties: [],
  after: { service },
});
const debian = 'docker.io/library/debian:trixie-slim';
const caddy = 'docker.io/library/caddy:2.11.9';
const vaultwarden = 'docker.io/vaultwarden/server:1.37.3';

/** Everything in a folder, by path. */
const bytesOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => join(each.parentPath, each.name))
      .map((path) => [path, readFileSync(path, 'base64')]),
  );

test('a plan shows in one line which images a server gets, and with --details each of them', async () => {
  await openCloud();
  const asked = stubRegistries({ [debian]: 29_000_000, [caddy]: 50_400_000 });
  const engine = stubSessions();
  engine.changes = [server, created('reverse-proxy'), created('website')];
  const { stdout } = await type(['plan']);
  assert.match(stdout, /\n {2}2 images: 80 MB to download, 2 built on the server\.\n/);
  assert.doesNotMatch(stdout, /sha256/);
  assert.deepEqual(
    asked.map(({ image }) => image).toSorted(),
    [caddy, debian],
    'digest and size are one look-up',
  );
  const detailed = await type(['plan', '--details']);
  assert.match(
    detailed.stdout,
    /\n {4}caddy {4}2\.11\.9 {7}sha256:[0-9a-f]{12} {2}80 MB {2}docker\.io\/library\/caddy:2\.11\.9, docker\.io\/library\/debian:trixie-slim, Debian trixie packages \(built on the server on Debian's image\)\n {4}haproxy {2}trixie-slim {2}sha256:[0-9a-f]{12} {2}29 MB/,
  );
});

test('a plan in JSON has every image with version, digest, size and origin', async () => {
  await openCloud({ services: ['website', 'vaultwarden'] });
  stubRegistries({ [vaultwarden]: 90_000_000 });
  stubSessions().changes = [created('vaultwarden')];
  const { code, stdout } = await type(['plan', '--json']);
  assert.equal(code, 2);
  const { images } = JSON.parse(stdout) as { images: ShownImages };
  const [first] = images.list;
  assert.deepEqual(
    { ...first, digest: '' },
    {
      name: 'vaultwarden/server',
      version: '1.37.3',
      digest: '',
      megabytes: 90,
      from: [vaultwarden],
      isBuilt: false,
      services: ['vaultwarden'],
    },
  );
  assert.match(first!.digest, /^sha256:[0-9a-f]{64}$/);
  assert.deepEqual(
    images.list.map(({ name, isBuilt }) => [name, isBuilt]),
    [
      ['vaultwarden/server', false],
      ['postgres', true],
    ],
  );
});

test('where the server has all images, none is shown and no registry is asked', async () => {
  const cloud = await openCloud();
  stubRegistries();
  const engine = stubSessions();
  engine.changes = [created('website')];
  await type(['up', '--yes', '--no-backups']);
  const asked = stubRegistries();
  engine.changes = [{ ...created('website'), kind: 'keep' }];
  const { json } = await succeeds<{ images?: unknown }>('plan');
  assert.equal(json.images, undefined);
  assert.deepEqual(asked, []);
  assert.ok(cloud.has('haven.lock'));
});

test('a plan writes nothing; up writes haven.lock after the yes', async () => {
  const { directory, has, read } = await openCloud({ services: ['vaultwarden'] });
  stubRegistries();
  const engine = stubSessions();
  engine.changes = [server, created('vaultwarden')];
  await (await Project.open()).keys();
  const before = bytesOf(directory);
  assert.equal((await type(['plan'])).code, 2);
  assert.deepEqual(bytesOf(directory), before);
  const declined = await type(['up'], { answers: [[/carries out the plan/i, false]] });
  assert.equal(declined.code, 4, declined.stderr);
  assert.ok(!has('haven.lock'));
  await type(['up', '--yes', '--no-backups']);
  const { images, bases } = parsePins(read('haven.lock'));
  assert.match(images.vaultwarden!.vaultwarden!, new RegExp(`^${vaultwarden}@sha256:[0-9a-f]{64}$`));
  assert.match(images.vaultwarden!.postgres!, /^openhaven\/postgres:/);
  assert.match(bases![debian]!, /^sha256:/);
});

test('each image that is not available stops the plan: which, of which service, where, and what to do', async () => {
  const cloud = await openCloud({ services: ['website', 'vaultwarden'] });
  const engine = stubSessions();
  engine.changes = [server];
  const refusal = (status: number) => new RegistryRefusal('refused', status);
  stubRegistries({ [vaultwarden]: refusal(404), [debian]: refusal(429), [caddy]: refusal(401) });
  for (const command of [['plan'], ['up', '--yes', '--no-backups']]) {
    await fails(
      command,
      'failed',
      /image vaultwarden\/server:1\.37\.3 \(vaultwarden\): Docker Hub does not have it\. Nothing was changed\. Update OpenHaven, .*haven service remove vaultwarden/,
    );
    const { stderr } = await type(command);
    assert.match(
      stderr,
      /image library\/debian:trixie-slim \(.*website.*\): Docker Hub accepts no more requests from your address for now \(429\)\. .*Wait for an hour/,
    );
    assert.match(stderr, /image library\/caddy:2\.11\.9 \(.*\): Docker Hub does not give it to the public/);
    assert.doesNotMatch(stderr, /https?:|registry-1|\/v2\//);
  }
  stubRegistries({ [vaultwarden]: away() });
  await fails(
    ['plan'],
    'unreachable',
    /Docker Hub can't be reached: no name server knows Docker Hub\..*Check your connection/,
  );
  assert.deepEqual(engine.told, [], 'the engine was never started');
  assert.ok(!cloud.has('haven.lock'));
});

test('a pinned image that its registry no longer has is named with its digest', async () => {
  const cloud = await openCloud({ services: ['vaultwarden'] });
  stubRegistries();
  const engine = stubSessions();
  engine.changes = [created('vaultwarden')];
  await type(['up', '--yes', '--no-backups']);
  stubRegistries({ [vaultwarden]: new RegistryRefusal('gone', 404) });
  await fails(
    ['plan'],
    'failed',
    /Docker Hub no longer has the image that haven\.lock names \(sha256:[0-9a-f]{12}\)\..*Remove its line from haven\.lock/,
  );
  assert.match(cloud.read('haven.lock'), /vaultwarden/);
});

test("a service that uses a tool that upstream's image does not have fails before anything is asked or bought", async () => {
  const cloud = await openCloud({ services: ['vaultwarden'] });
  const asked = stubRegistries();
  const engine = stubSessions();
  engine.changes = [server, created('vaultwarden')];
  // The owner's own copy of the service, with facts of its own about the image.
  const folder = join(cloud.directory, 'services', 'vaultwarden');
  const ours = join(projectRoot, 'services', 'vaultwarden');
  cpSync(ours, folder, { recursive: true });
  mkdirSync(join(folder, 'image'));
  const facts = JSON.parse(
    readFileSync(join(projectRoot, 'images', 'vaultwarden-stub', 'upstream.json'), 'utf8'),
  ) as UpstreamImage;
  const has = (tools: string[]) =>
    writeFileSync(join(folder, 'image', 'upstream.json'), JSON.stringify({ ...facts, tools }));
  writeFileSync(
    join(folder, 'service.ts'),
    `import service from ${JSON.stringify(pathToFileURL(join(ours, 'service.ts')).href)};
    const image = { pull: '${vaultwarden}', replacement: ${JSON.stringify(join(folder, 'image'))} };
    export default { ...service, images: { vaultwarden: image } };`,
  );
  has(facts.tools);
  assert.equal((await type(['plan'])).code, 2);
  assert.deepEqual(engine.told, ['preview']);
  asked.length = 0;
  has(facts.tools.filter((each) => each !== 'curl'));
  for (const command of [['plan'], ['up', '--yes', '--no-backups']])
    await fails(
      command,
      'failed',
      /service vaultwarden: Container "vaultwarden": its health check uses "curl", which docker\.io\/vaultwarden\/server:1\.37\.3 does not have\. Nothing was changed\. Change it in .*services\/vaultwarden\/compose\.yaml/,
    );
  assert.deepEqual(engine.told, ['preview'], 'the engine was not started again');
  assert.deepEqual(asked, []);
  assert.equal(cloud.hetzner.state.servers.length, 0);
  assert.ok(!cloud.has('haven.lock'));
});

test('an image that only another version of haven can build stops the plan of a server that lost it', async () => {
  const cloud = await openCloud();
  const caddyBefore = 'openhaven/caddy:0123456789ab';
  cloud.write('haven.lock', renderPins({ version: 2, images: { website: { web: caddyBefore } } }));
  stubRegistries();
  const engine = stubSessions();
  const before = { service: 'website', summary: { images: { IMAGE_WEB: caddyBefore } } };
  engine.changes = [{ ...created('website'), kind: 'update', before }];
  assert.equal((await type(['plan'])).code, 2, 'the server has it');
  engine.changes = [server, created('website')];
  await fails(
    ['plan'],
    'failed',
    /image caddy \(website\): another version of OpenHaven built .*openhaven\/caddy:0123456789ab.*Remove "website" from the images in haven\.lock/,
  );
});
