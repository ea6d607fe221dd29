import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { chosenServices } from '../../core/config/dependencies.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { imageNeeds } from '../../services/image-need.ts';
import { bundleProgram, isProgram } from '../../services/image-program.ts';
import { projectRoot } from '../../system/project-root.ts';
import { defaultCloud } from '../default-cloud.ts';
import { loadGoBuild } from './go-build.ts';
import { imageTasks } from './image-tasks.ts';
import { storeChange } from './store-change.ts';
import { upstreamReference } from './upstream.ts';

const folders = globSync(join(projectRoot, 'images/*'));
const catalogue = await loadCatalogue();

test('the sandbox builds the version that upstream’s image has, under a path that the Dockerfile takes', () => {
  const built = folders.filter((folder) => loadGoBuild(folder));
  assert.ok(built.length > 0);
  for (const folder of built) {
    const { version, programs } = loadGoBuild(folder)!;
    const number = version.replace(/^v/, '');
    const dockerfile = readFileSync(join(folder, 'Dockerfile'), 'utf8');
    const [, tag] = /^ARG UPSTREAM=\S+:v?([^\s:]+)$/m.exec(dockerfile) ?? [];
    assert.equal(tag?.replace(/-(rootless|distroless)$/, ''), number, folder);
    const taken = [...dockerfile.matchAll(/^COPY --from=upstream (\S+)/gm)].map((match) => match[1]!);
    assert.ok(
      programs.some(({ ldflags }) => ldflags.includes(number)),
      `${folder}: no program is told ${version}`,
    );
    for (const { to } of programs) {
      assert.ok(
        taken.some((path) => path === to || (path.endsWith('/') && to.startsWith(path))),
        `${folder}: ${to} is not copied`,
      );
    }
  }
});

test('a Dockerfile with a stage "upstream" has a recipe, and a recipe a stage', () => {
  for (const folder of folders) {
    const hasStage = readFileSync(join(folder, 'Dockerfile'), 'utf8').includes(
      'FROM ${UPSTREAM} AS upstream',
    );
    assert.equal(
      upstreamReference(folder, basename(folder)) !== undefined,
      hasStage,
      `${folder}: a stage "upstream" and go-build.json or upstream.Dockerfile go together`,
    );
  }
});

test('the packages of our own programs are pinned to what this project has installed', () => {
  const { packages } = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  for (const folder of folders.filter(isProgram)) {
    const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    for (const [name, version] of Object.entries(dependencies))
      assert.equal(version, packages[`node_modules/${name}`]?.version, `${folder}: ${name}`);
    const names = globSync(join(folder, 'src/*.ts')).flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/from '([^.'][^']*)'/g)].map((match) => match[1]!),
    );
    const imported = names
      .filter((name) => !name.startsWith('node:'))
      .map((name) =>
        name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/'),
      );
    assert.deepEqual([...new Set(imported)].toSorted(), Object.keys(dependencies).toSorted(), folder);
  }
});

test('a program of ours is one file that Node takes', async () => {
  const text = await bundleProgram(join(projectRoot, 'images/portal'));
  const packages = [...text.matchAll(/^import .* from ["']([^"']+)["'];$/gm)].map((match) => match[1]!);
  assert.ok(packages.length > 0);
  assert.deepEqual(
    packages.filter((name) => !name.startsWith('node:') && !nodeModules.has(name)),
    [],
  );
});
const nodeModules = new Set(process.getBuiltinModule('node:module').builtinModules);

test('the first cloud takes the images of what it runs, and no stub', () => {
  const needs = imageNeeds(catalogue, chosenServices(defaultCloud, catalogue), {});
  assert.deepEqual(needs.map((need) => need.name).toSorted(), [
    'caddy',
    'dovecot',
    'haproxy',
    'keycloak',
    'miniflux',
    'mta-sts',
    'oauth2-proxy',
    'openldap',
    'portal',
    'postfix',
    'postgres',
    'postsrsd',
    'roundcube',
    'rspamd',
    'unbound',
    'valkey',
  ]);
});

test('an image that upstream publishes is pulled by its digest, and where it can’t be, its stub is built', () => {
  const { vaultwarden } = catalogue.get('vaultwarden')!.definition.images;
  assert.ok(vaultwarden && 'pull' in vaultwarden);
  const { pull } = vaultwarden;
  const digest = `sha256:${'a'.repeat(64)}`;
  const official = imageNeeds(catalogue, ['vaultwarden'], {
    [pull]: 'openhaven/upstream-server:aaaaaaaaaaaa',
  });
  assert.deepEqual(official[0], { reference: 'openhaven/upstream-server:aaaaaaaaaaaa', name: pull, pull });
  const tasks = imageTasks(official[0]!, { [pull]: { reference: official[0]!.reference, digest } });
  assert.deepEqual(
    tasks.map((task) => [task.name, task.lane]),
    [[`Image ${pull}`, 'network']],
  );
  const stub = imageNeeds(catalogue, ['vaultwarden'], { [pull]: 'openhaven/vaultwarden-stub:bbbbbbbbbbbb' });
  assert.equal(stub[0]?.build, 'images/vaultwarden-stub');
});

test('a cloud that protects nothing takes no image of the auth proxy', () => {
  const namesWith = (access: 'public' | 'users') =>
    imageNeeds(catalogue, chosenServices({ services: { website: { access } } }, catalogue), {}).map(
      ({ name }) => name,
    );
  assert.deepEqual(namesWith('public'), ['caddy', 'haproxy']);
  assert.ok(namesWith('users').includes('oauth2-proxy'));
});

test('the image of an optional part is taken while its option is on', () => {
  const takes = (options: Record<string, unknown>) =>
    imageNeeds(catalogue, ['mail'], {}, { mail: options }).some(({ name }) => name === 'clamav');
  assert.equal(takes({ antivirus: true }), true);
  assert.equal(takes({ antivirus: false }), false);
  assert.equal(
    imageNeeds(catalogue, ['mail'], {}).some(({ name }) => name === 'clamav'),
    false,
  );
});

test('a Go program is downloaded beside others, built alone, and then put into its image', () => {
  const [caddy] = imageNeeds(catalogue, ['website'], {});
  const tasks = imageTasks(caddy!, {}).map(({ name, lane, after }) => [name, lane, after]);
  assert.deepEqual(tasks, [
    ['Modules of caddy', 'network', []],
    ['Program caddy', 'cpu', ['Modules of caddy']],
    ['Image caddy', 'network', ['Debian 13', 'Program caddy']],
  ]);
});

test('a store takes what it lacks, gives up older builds of the same image, and keeps all else', () => {
  const held = ['openhaven/caddy:1', 'openhaven/gitea:1', 'openhaven/postgres:1'];
  assert.deepEqual(storeChange(held, ['openhaven/caddy:2', 'openhaven/postgres:1', 'openhaven/portal:1']), {
    add: ['openhaven/caddy:2', 'openhaven/portal:1'],
    remove: ['openhaven/caddy:1'],
    all: ['openhaven/caddy:2', 'openhaven/gitea:1', 'openhaven/portal:1', 'openhaven/postgres:1'],
  });
  assert.deepEqual(storeChange([], ['b:1', 'a:1']).all, ['a:1', 'b:1']);
});
