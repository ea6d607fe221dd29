import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { builtReference, isStandIn } from '../../core/image-references.ts';
import { docker, startDocker, tryDocker } from '../../rehearsal/docker.ts';
import { ensureBuilt } from '../../rehearsal/images.ts';
import { ensureServiceImages, rehearsedImages } from '../../rehearsal/service-images.ts';
import { type Catalogue, projectRoot } from '../../services/catalogue.ts';
import { contextHash } from '../../services/context-hash.ts';
import { imageDigest } from '../../system/image-digest.ts';
import { waitUntil } from '../../system/wait-until.ts';

/** Upstream's own images: pinned by what a real registry says, pulled where it answers, stood in for where it doesn't. */
const registry = '127.0.0.1:5951';
const sample = `${registry}/people/sample:1.2.3`;
const container = 'haven-try-registry';
let digest = '';

before(async () => {
  await startDocker();
  const folder = join(projectRoot, 'test/layers/registry');
  const { reference } = await ensureBuilt(builtReference('test-registry', contextHash(folder)), folder);
  await tryDocker(['rm', '-f', container]);
  await docker([...['run', '-d', '--name', container, '--network', 'host'], reference]);
  await waitUntil('the registry', async () => (await fetch(`http://${registry}/v2/`)).ok);
  await docker(['tag', 'debian:trixie-slim', sample]);
  const { stdout } = await docker(['push', sample]);
  digest = /digest: (sha256:[0-9a-f]{64})/.exec(stdout)?.[1] ?? '';
  await docker(['rmi', sample]);
});
after(async () => {
  await tryDocker(['rm', '-f', container]);
  for (const reference of Object.values(rehearsedImages()).filter((each) => each.includes('upstream-sample')))
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
          images: { app: { pull, standIn: 'images/vaultwarden-stand-in' } },
          options: z.strictObject({}),
          proofs: [],
          memoryMb: 1,
        },
        compose: '',
        files: {},
        folder: '',
      },
    ],
  ]);

test('a digest is what the registry has, and an image that it lacks is said', async () => {
  assert.equal(await imageDigest(sample), digest);
  await assert.rejects(imageDigest(`${registry}/people/sample:9`), /answers 404 for people\/sample:9/);
  await assert.rejects(imageDigest('127.0.0.1:5952/people/sample:1'), /fetch failed/);
});

test('where the registry answers its image is taken, and stays when it no longer does', async () => {
  const { sample: images } = await ensureServiceImages(catalogue(sample));
  assert.equal(images?.app, builtReference('upstream-sample', digest.slice(7, 19)));
  const id = async (reference: string) =>
    (await docker(['image', 'inspect', '-f', '{{.Id}}', reference])).stdout;
  assert.equal(await id(images!.app!), await id('debian:trixie-slim'));
  await docker(['stop', '-t', '1', container]);
  assert.deepEqual((await ensureServiceImages(catalogue(sample))).sample, images);
});

test('where none ever answered, what stands in says so in its name', async () => {
  const { sample: images } = await ensureServiceImages(catalogue('127.0.0.1:5952/people/other:1'));
  assert.ok(isStandIn(images!.app!), images!.app);
});
