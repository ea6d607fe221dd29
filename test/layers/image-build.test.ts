import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { ImageRecipe } from '../../core/release/image-recipe.ts';
import { setInternetFaults } from '../../sandbox/control.ts';
import { publishUpstream } from '../../sandbox/images/publish-upstream.ts';
import { debianName, publishDebian } from '../../sandbox/images/published-debian.ts';
import { onMachine, tryOnMachine } from '../../sandbox/machine/machine.ts';
import { imageRecipe } from '../../services/image-recipes.ts';
import { openInternet } from '../support/internet.ts';
import { LabServer, openLab } from '../support/lab.ts';

/**
 * A new server, whose Docker is empty, builds the image of a service from finished files, on images that it pulls by
 * digest, and runs the service with it. And how that fails, before anything else is touched.
 */
let server: LabServer;
let recipe: ImageRecipe;
let close: (() => Promise<void>) | undefined;

before(async () => {
  const lab = await openLab(['website']);
  close = await openInternet(lab, 'registries');
  server = await LabServer.create(lab, 'layer-build', 28, { hasImages: false });
  const reference = lab.images.website!.web!;
  const build = 'images/caddy';
  const upstream = await publishUpstream(build, reference);
  const digests = { [debianName]: await publishDebian(), [upstream!.name]: upstream!.digest };
  recipe = await imageRecipe({ reference, name: 'caddy', build }, digests);
});
afterEach(() => setInternetFaults({ 'docker.io': null, 'deb.debian.org': null }));
after(async () => {
  await server?.remove();
  await close?.();
});

const build = (changed: Partial<ImageRecipe> = {}) =>
  tryOnMachine(server.id, ['haven-agent', 'image-build'], {
    input: JSON.stringify({ ...recipe, ...changed }),
    timeoutMs: 10 * 60_000,
  });
const missing = async (): Promise<unknown> =>
  server.agent(['image-missing'], JSON.stringify([recipe.reference]));

/** The recipe with other lines at the end of its Dockerfile, under another name. */
function withLines(lines: string): Partial<ImageRecipe> {
  const { content } = recipe.files.Dockerfile!;
  const text = `${Buffer.from(content, 'base64')}\n${lines}\n`;
  const Dockerfile = { content: Buffer.from(text).toString('base64'), executable: false };
  return { reference: 'openhaven/other:1', files: { ...recipe.files, Dockerfile } };
}

test('a registry that refuses stops a build at once, with its own reason', async () => {
  await setInternetFaults({ 'docker.io': 'rate-limited' });
  const refused = await build();
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /The image caddy could not be built, because docker\.io\/library\/debian\S+ can't be pulled: toomanyrequests: .* No service was changed\./,
  );
});

test('a new server builds the image step by step, and the service runs with it', async () => {
  assert.deepEqual(await missing(), [recipe.reference]);
  const built = await build();
  assert.equal(built.code, 0, built.stderr);
  const lines = built.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { building?: string; step?: number; of?: number; built?: string });
  assert.deepEqual(lines.at(-1), { built: recipe.reference });
  const steps = lines.filter(({ building }) => building === 'caddy');
  assert.deepEqual(steps.at(-1), { building: 'caddy', step: steps.length, of: steps.length });
  assert.deepEqual(await missing(), []);
  assert.equal((await server.apply(server.bundle('website'))).outcome, 'committed');
});

test('an image that is there is not built again, whatever a registry says', async () => {
  await setInternetFaults({ 'docker.io': 'unavailable', 'deb.debian.org': 'unavailable' });
  const again = await build();
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(JSON.parse(again.stdout), { built: recipe.reference });
});

test('a build that fails says why, and leaves no container and no image', async () => {
  const failed = await build(
    withLines('USER 0\nRUN apt-get update --error-on=any && apt-get install -y nonexistent-package'),
  );
  assert.equal(failed.code, 1);
  assert.match(
    failed.stderr,
    /The image other could not be built on the server: E: Unable to locate package nonexistent-package\. No service was changed\./,
  );
  const { stdout } = await onMachine(server.id, [
    'docker',
    'ps',
    '--all',
    '--format',
    '{{.Image}} {{.Status}}',
  ]);
  assert.doesNotMatch(stdout, /Exited/);
  assert.notEqual(
    (await tryOnMachine(server.id, ['docker', 'image', 'inspect', 'openhaven/other:1'])).code,
    0,
  );
});

test('a build that needs more memory than it may have is ended, and the server goes on', async () => {
  const greedy = withLines('USER 0\nRUN head -c 2000000000 /dev/zero | tail -c 1999999999 > /dev/null');
  const failed = await build(greedy);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /it needed more memory than a build may use/);
});

test('Debian’s archive that is away fails the build with apt’s reason', async () => {
  await setInternetFaults({ 'deb.debian.org': 'unavailable' });
  const failed = await build(withLines('USER 0\nRUN apt-get update --error-on=any'));
  assert.match(
    failed.stderr,
    /could not be built on the server: E: (Failed to fetch|Some index files failed)/,
  );
});
