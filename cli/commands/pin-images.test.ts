import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type PinsFile, parsePins, renderPins } from '../../core/config/pins.ts';
import { RegistryRefusal } from '../../system/registry.ts';
import { scratch } from '../../test/support/scratch.ts';
import { away, stubRegistries } from '../../test/support/stub-registries.ts';
import { stubSessions } from '../../test/support/stub-session.ts';
import { fails, openCloud, type } from '../../test/support/typist.ts';

const debian = 'docker.io/library/debian:trixie-slim';
const caddy = 'docker.io/library/caddy:2.11.9';
const vaultwarden = 'docker.io/vaultwarden/server:1.37.3';
const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;

/** Types `haven init` for one more cloud, and returns its directory. */
async function initTyped(services: string): Promise<{ directory: string; code: number; stdout: string }> {
  const directory = join(scratch('init'), 'cloud');
  const about = ['--domain', 'example.org', '--dns', 'cloudflare', '--owner-name', 'Ada'];
  const rest = ['--owner-email', 'ada@example.com', '--service', services, '--directory', directory];
  return { directory, ...(await type(['init', ...about, ...rest])) };
}

test('init pins what registries answer: upstream images and what ours are built on, each asked once, for seconds', async () => {
  await openCloud();
  const asked = stubRegistries();
  const { directory, code, stdout } = await initTyped('vaultwarden');
  assert.equal(code, 0, stdout);
  const { images, bases } = parsePins(readFileSync(join(directory, 'haven.lock'), 'utf8'));
  assert.match(images.vaultwarden!.vaultwarden!, new RegExp(`^${vaultwarden}@sha256:[0-9a-f]{64}$`));
  assert.match(bases![debian]!, /^sha256:/);
  assert.match(bases![caddy]!, /^sha256:/);
  const names = Object.values(images).flatMap((each) => Object.values(each));
  assert.deepEqual(
    names.filter((each) => !each.includes('@sha256:')),
    [],
    'an image that the server builds is named when it is built',
  );
  assert.deepEqual(
    asked.map(({ image }) => image).toSorted(),
    [...new Set(asked.map(({ image }) => image))].toSorted(),
  );
  for (const { timeoutMs } of asked) assert.ok(timeoutMs !== undefined && timeoutMs <= 5000, `${timeoutMs}`);
});

test('what init has pinned is what up builds on, and no registry is asked for it again', async () => {
  await openCloud();
  stubRegistries();
  const { directory } = await initTyped('website');
  process.env.HAVEN_DIRECTORY = directory;
  const pinned = parsePins(readFileSync(join(directory, 'haven.lock'), 'utf8')).bases;
  const asked = stubRegistries();
  stubSessions().changes = [
    {
      kind: 'create',
      type: 'cloudflare:index/dnsRecord:DnsRecord',
      name: 'www-a',
      properties: [],
      after: {},
    },
  ];
  await type(['up', '--yes', '--no-backups']);
  const { images, bases } = parsePins(readFileSync(join(directory, 'haven.lock'), 'utf8'));
  assert.deepEqual(asked, []);
  assert.deepEqual(bases, pinned);
  assert.match(images['reverse-proxy']!.caddy!, /^openhaven\/caddy:[0-9a-f]{12}$/);
});

test('service add pins the images of what it adds, and leaves existing pins unchanged', async () => {
  const cloud = await openCloud();
  const before: PinsFile = {
    version: 2,
    images: { website: { web: 'openhaven/caddy:0123456789ab' } },
    bases: { [debian]: digest('a') },
    keys: { 'www.example.org': 2 },
  };
  cloud.write('haven.lock', renderPins(before));
  const asked = stubRegistries();
  const { code, stdout } = await type(['service', 'add', 'vaultwarden']);
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, /pins the images/);
  const { images, bases, keys } = parsePins(cloud.read('haven.lock'));
  assert.deepEqual(images.website, before.images.website);
  assert.equal(bases![debian], digest('a'));
  assert.deepEqual(keys, before.keys);
  assert.match(images.vaultwarden!.vaultwarden!, new RegExp(`^${vaultwarden}@sha256:[0-9a-f]{64}$`));
  assert.ok(!asked.some(({ image }) => image === debian), 'it has a digest already');
});

test('where registries are away or refuse, init and service add succeed, say so in one sentence, and pin nothing', async () => {
  const cloud = await openCloud();
  const said =
    /Not every image could be looked up now, so haven\.lock is unchanged: the next "haven up" pins/;
  for (const answer of [away(), new RegistryRefusal('gone', 404)]) {
    stubRegistries({ [vaultwarden]: answer });
    const { directory, code, stdout } = await initTyped('vaultwarden');
    assert.equal(code, 0, stdout);
    assert.match(stdout, said);
    assert.doesNotMatch(stdout, /Nothing was changed/);
    assert.ok(existsSync(join(directory, 'haven.yaml')));
    assert.ok(!existsSync(join(directory, 'haven.lock')));
  }
  const pins = renderPins({ version: 2, images: {}, bases: { [debian]: digest('a') } });
  cloud.write('haven.lock', pins);
  const added = await type(['service', 'add', 'vaultwarden']);
  assert.equal(added.code, 0, added.stderr);
  assert.match(added.stdout, said);
  assert.match(cloud.read(), /vaultwarden: \{\}/);
  assert.equal(cloud.read('haven.lock'), pins);
});

test('a change of haven.yaml by init pins the images of what it adds', async () => {
  const { directory, read } = await openCloud();
  stubRegistries();
  const { code, stderr } = await type(['init', '--directory', directory], {
    answers: [
      [/What do you want to change/, 'services'],
      [/Which services/, ['website', 'vaultwarden']],
    ],
  });
  assert.equal(code, 0, stderr);
  assert.match(parsePins(read('haven.lock')).images.vaultwarden!.vaultwarden!, /@sha256:/);
});

test('with a damaged haven.lock, service add changes nothing', async () => {
  const cloud = await openCloud();
  cloud.write('haven.lock', '{');
  const before = cloud.read();
  await fails(['service', 'add', 'vaultwarden'], 'failed', /haven\.lock: is damaged\. Restore it/);
  assert.equal(cloud.read(), before);
});
