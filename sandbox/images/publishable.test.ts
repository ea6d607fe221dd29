import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadCatalogue } from '../../services/catalogue.ts';
import { loadUpstreamImage } from '../../services/upstream-images.ts';
import { projectRoot } from '../../system/project-root.ts';
import { placeInStore, registries } from '../internet/registries/names.ts';
import { publishableImages } from './publishable.ts';

const catalogue = await loadCatalogue([join(projectRoot, 'services'), join(projectRoot, 'test/services')]);
const publishable = publishableImages(catalogue);

/** An image by registry, name and tag; with a registry that the sandbox does not have, too. */
const named =
  /(?<![\w./-])((?:[a-z0-9-]+\.)+(?:io|com|org|net|dev)\/[a-z0-9][a-z0-9._/-]*:[A-Za-z0-9][\w.-]*)/g;
/** In the contract's examples of services, of which nothing is ever pulled. */
const isExample = (image: string) => /^(docker\.io\/example|example\.org)\//.test(image);

function imagesNamedIn(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(named)]
    .filter(({ index }) => !/https?:\/\/$/.test(text.slice(0, index)))
    .map(([image]) => image)
    .filter((image) => !isExample(image));
}

test('every image that a service, a Dockerfile or a test names is one that the sandbox can serve by digest', () => {
  const files = globSync(['services/**/*', 'images/**/*', 'test/**/*'], { cwd: projectRoot }).filter((path) =>
    /\.(ts|cjs|ya?ml|json|sh|txt)$|Dockerfile$/.test(path),
  );
  const found = files.flatMap((path) =>
    imagesNamedIn(join(projectRoot, path)).map((image) => ({ path, image })),
  );
  assert.ok(found.length >= 8, `only ${found.length} are found: is the pattern right?`);
  assert.deepEqual(
    found.filter(({ image }) => !publishable.has(image)),
    [],
  );
  for (const image of publishable) assert.doesNotThrow(() => placeInStore(image), image);
  assert.ok(
    registries.every(
      (each) => [...publishable].some((image) => image.startsWith(each)) || each === 'ghcr.io',
    ),
  );
});

test('every Dockerfile is built on Debian’s image and on upstream’s, and on nothing else', () => {
  for (const file of globSync(join(projectRoot, '{images,test/services}/**/*Dockerfile'))) {
    const stages = [...readFileSync(file, 'utf8').matchAll(/^FROM (\S+)(?: AS (\S+))?$/gm)];
    const names = new Set(stages.map(([, , name]) => name));
    for (const [, from] of stages)
      assert.ok(
        ['debian:trixie-slim', '${UPSTREAM}', '${BUILD_BASE}', 'scratch'].includes(from!) || names.has(from),
        `${file}: FROM ${from}`,
      );
  }
});

test('what replaces an image is of its version, and says what that image has', () => {
  for (const { definition } of catalogue.values())
    for (const image of Object.values(definition.images)) {
      if (!('pull' in image)) continue;
      assert.equal(loadUpstreamImage(image.replacement)?.image, image.pull);
      const dockerfile = readFileSync(join(projectRoot, image.replacement, 'Dockerfile'), 'utf8');
      const [, upstream = image.pull] = /^ARG UPSTREAM=(\S+)$/m.exec(dockerfile) ?? [];
      assert.equal(upstream, image.pull, image.replacement);
    }
  for (const folder of globSync('images/*', { cwd: projectRoot })) {
    if (!existsSync(join(projectRoot, folder, 'upstream.json'))) continue;
    const facts = loadUpstreamImage(folder)!;
    const replaced = [...catalogue.values()].flatMap(({ definition }) => Object.values(definition.images));
    assert.ok(
      replaced.some((each) => 'pull' in each && each.replacement === folder),
      `${folder} replaces nothing`,
    );
    for (const program of [...facts.entrypoint, ...facts.command].filter((each) => each.startsWith('/')))
      assert.ok(facts.paths.includes(program), `${folder}: ${program} is not among its paths`);
  }
});
