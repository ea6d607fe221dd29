import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { builtHereLabel } from '../../core/release/upstream-image.ts';
import { debianTasks, imageTasks } from '../../sandbox/images/image-tasks.ts';
import { docker, startDocker } from '../../sandbox/machine/docker.ts';
import { makeMissing } from '../../sandbox/prepare.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { contextHash } from '../../services/context-hash.ts';
import { type ImageNeed, imageNeeds } from '../../services/image-need.ts';
import { loadUpstreamImage } from '../../services/upstream-images.ts';
import { projectRoot } from '../../system/project-root.ts';

/** What a sandbox that reaches no registry builds in the place of upstream's images, against what those have. */
const catalogue = await loadCatalogue();
const replacements = [...catalogue].flatMap(([id, { definition }]) =>
  Object.values(definition.images).flatMap((image) => ('pull' in image ? [{ id, ...image }] : [])),
);
const needs = replacements.map(({ id, pull, replacement }): ImageNeed & { build: string } => {
  const name = replacement.replace('images/', '');
  const reference = `openhaven/${name}:${contextHash(join(projectRoot, replacement))}`;
  const found = imageNeeds(catalogue, [id], { [pull]: reference }).find((each) => each.inPlaceOf === pull);
  assert.equal(found?.reference, reference);
  return { ...found, build: replacement };
});

before(async () => {
  await startDocker();
  const [debian] = debianTasks;
  await makeMissing([debian!, ...needs.flatMap((need) => imageTasks(need, {}))]);
});

for (const { reference, name, build } of needs) {
  const facts = loadUpstreamImage(build)!;

  test(`${name} has the tools of upstream's image, and no others`, async () => {
    // Only what a shell has itself: the image has few tools.
    const list =
      'for file in /usr/local/sbin/* /usr/local/bin/* /usr/sbin/* /usr/bin/*; do [ ! -e "$file" ] || echo "${file##*/}"; done';
    const { stdout } = await docker(['run', '--rm', '--entrypoint', '/bin/sh', reference, '-c', list]);
    assert.deepEqual(stdout.trim().split('\n').toSorted(), facts.tools.toSorted());
  });

  test(`${name} has upstream's paths, user and entry, and says that it was built here`, async () => {
    const list = `for path in ${facts.paths.join(' ')}; do [ -e "$path" ] || echo "$path"; done`;
    const { stdout } = await docker(['run', '--rm', '--entrypoint', '/bin/sh', reference, '-c', list]);
    assert.equal(stdout, '', 'these do not exist');
    const { stdout: said } = await docker(['image', 'inspect', '-f', '{{json .Config}}', reference]);
    const config = JSON.parse(said) as {
      User: string;
      Entrypoint: string[] | null;
      Cmd: string[] | null;
      Labels: Record<string, string>;
    };
    assert.equal(config.Labels[builtHereLabel], facts.image);
    assert.deepEqual(config.Entrypoint ?? [], facts.entrypoint);
    assert.deepEqual(config.Cmd ?? [], facts.command);
    if (facts.user !== 'any') assert.equal(config.User, facts.user);
  });
}
