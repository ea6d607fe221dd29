import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { builtReference, isStub } from '../../core/release/image-references.ts';
import type { Catalogue } from '../../core/service.ts';
import { imageTasks } from '../../sandbox/images/image-tasks.ts';
import { ensureInternetImage } from '../../sandbox/images/images.ts';
import { choosePulledImages, sandboxImages } from '../../sandbox/images/pulled-images.ts';
import { registryConfig } from '../../sandbox/internet/registries/store.ts';
import { docker, startDocker, tryDocker } from '../../sandbox/machine/docker.ts';
import { makeMissing } from '../../sandbox/prepare.ts';
import { imageNeeds } from '../../services/image-need.ts';
import { imageDigest } from '../../system/registry.ts';
import { waitUntil } from '../../system/wait-until.ts';
import { TokenRealm } from '../support/token-realm.ts';

/** Upstream's own images: pinned by what a real registry says, pulled where it answers, stood in for where it doesn't. */
const registry = '127.0.0.1:5951';
const sample = `${registry}/users/sample:1.2.3`;
const container = 'haven-sandbox-registry';
/** The same program, which answers only to who brings a token, as Docker Hub does. */
const guarded = { registry: '127.0.0.1:5953', container: 'haven-sandbox-registry-guarded', realmPort: 5954 };
const folder = mkdtempSync(join(tmpdir(), 'haven-registry-'));
let image = '';
/** Debian's docker-registry, from the image of the sandbox's internet. */
const program = (): string[] => [
  ...['--network', 'host', '-v', `${folder}/config.yml:/etc/registry.yml:ro`],
  ...[image, 'docker-registry', 'serve', '/etc/registry.yml'],
];
let digest = '';

before(async () => {
  await startDocker();
  image = (await ensureInternetImage()).reference;
  writeFileSync(join(folder, 'config.yml'), registryConfig(registry, '/tmp'));
  await tryDocker(['rm', '-f', container, guarded.container]);
  await docker(['run', '-d', '--name', container, ...program()]);
  await waitUntil('the registry', async () => (await fetch(`http://${registry}/v2/`)).ok);
  await docker(['tag', 'debian:trixie-slim', sample]);
  const { stdout } = await docker(['push', sample]);
  digest = /digest: (sha256:[0-9a-f]{64})/.exec(stdout)?.[1] ?? '';
  await docker(['rmi', sample]);
});
after(async () => {
  await tryDocker(['rm', '-f', container, guarded.container]);
  rmSync(folder, { recursive: true });
  for (const reference of Object.values(sandboxImages()).filter((each) => each.includes('upstream-sample')))
    await tryDocker(['rmi', reference]);
});

const catalogue = (pull: string): Catalogue =>
  new Map([
    [
      'sample',
      {
        definition: {
          id: 'sample',
          title: 'Sample',
          summary: '',
          upstream: { name: 'Sample', url: 'https://example.org', licence: 'MIT', version: '1.2.3' },
          images: { app: { pull, replacement: 'images/vaultwarden-stub' } },
          options: z.strictObject({}),
          healthChecks: [],
          memoryMb: 1,
        },
        compose: '',
        files: {},
        folder: '',
      },
    ],
  ]);

/** Pulls the sample service's image, or builds what takes its place; answers with its name. */
async function ensureSample(pull: string): Promise<string> {
  const choices = await choosePulledImages(catalogue(pull));
  const needs = imageNeeds(catalogue(pull), ['sample'], sandboxImages());
  await makeMissing(needs.flatMap((need) => imageTasks(need, choices)));
  return needs[0]!.reference;
}

test('returns the digest that the registry has, and fails with the name of an image that it does not have', async () => {
  assert.equal(await imageDigest(sample), digest);
  await assert.rejects(imageDigest(`${registry}/users/sample:9`), /answers 404 for users\/sample:9/);
  await assert.rejects(imageDigest('127.0.0.1:5952/users/sample:1'), /fetch failed/);
});

test('a registry that wants a token gets one that nobody had to log in for', async () => {
  const realm = await TokenRealm.open(folder, 'registry', guarded.realmPort);
  try {
    const settings = {
      REGISTRY_HTTP_ADDR: guarded.registry,
      REGISTRY_AUTH_TOKEN_REALM: `http://127.0.0.1:${guarded.realmPort}/token`,
      REGISTRY_AUTH_TOKEN_SERVICE: 'registry',
      REGISTRY_AUTH_TOKEN_ISSUER: 'realm',
      REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE: '/realm.crt',
    };
    await docker([
      ...['run', '-d', '--name', guarded.container, '-v', `${realm.certificateFile}:/realm.crt:ro`],
      ...Object.entries(settings).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
      ...program(),
    ]);
    const isUp = async () => (await fetch(`http://${guarded.registry}/v2/`)).status === 401;
    await waitUntil('the registry that wants a token', isUp);
    const pull = sample.replace(registry, guarded.registry);
    await docker(['tag', 'debian:trixie-slim', pull]);
    await docker(['push', pull]);
    realm.asked.length = 0;
    assert.equal(await imageDigest(pull), digest);
    assert.deepEqual(realm.asked, ['repository:users/sample:pull']);
    await docker(['rmi', pull]);
    await docker(['pull', '-q', `${pull}@${digest}`]);
    await docker(['rmi', `${pull}@${digest}`]);
  } finally {
    realm.close();
  }
});

test('where the registry answers its image is taken, and stays when it no longer does', async () => {
  const image = await ensureSample(sample);
  assert.equal(image, builtReference('upstream-sample', digest.slice(7, 19)));
  const id = async (reference: string) =>
    (await docker(['image', 'inspect', '-f', '{{.Id}}', reference])).stdout;
  assert.equal(await id(image), await id('debian:trixie-slim'));
  await docker(['stop', '-t', '1', container]);
  assert.equal(await ensureSample(sample), image);
});

test('if no registry ever answered, the stub image says so in its name', async () => {
  const image = await ensureSample('127.0.0.1:5952/users/other:1');
  assert.ok(isStub(image), image);
});
