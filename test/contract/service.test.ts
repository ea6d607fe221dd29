import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { trustFile } from '../../core/release/compose.ts';
import { mainContainer } from '../../core/release/main-container.ts';
import { releaseHash, toEnvName } from '../../core/release/release.ts';
import { renderRelease } from '../../core/release/render-release.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { imageReferences, imagesOf } from '../../services/context-hash.ts';
import { projectRoot } from '../../system/project-root.ts';

/** What every service of the catalogue must hold to. Nobody writes a test for a service: this is it. */
interface ComposeService {
  image: string;
  build?: unknown;
  privileged?: boolean;
  network_mode?: string;
  pid?: string;
  ports?: string[];
  volumes?: (string | { type: string; source: string; target: string })[];
  environment?: Record<string, unknown> | string[];
  mem_limit?: string;
  restart?: string;
  healthcheck?: unknown;
  cap_add?: string[];
  cap_drop?: string[];
}

const catalogue = await loadCatalogue([join(projectRoot, 'services'), join(projectRoot, 'test/services')]);
const references = imageReferences(catalogue);

const megabytes = (text: string | undefined): number => {
  const match = /^(\d+)([mg])b?$/i.exec(text ?? '');
  return match ? Number(match[1]) * (match[2]!.toLowerCase() === 'g' ? 1024 : 1) : Number.NaN;
};

for (const [id, { definition, compose, files, folder }] of catalogue) {
  const render = (options: Record<string, unknown> = {}) =>
    renderRelease({
      service: definition,
      compose,
      files,
      options: definition.options.parse(options),
      context: {
        domain: 'example.org',
        host: definition.needs?.route ? `${definition.needs.route.subdomain}.example.org` : undefined,
        loginHost: 'login.example.org',
        owner: { name: 'Ada', email: 'ada@example.com' },
        timeZone: 'UTC',
      },
      images: references[id]!,
    });
  const bundle = render();
  const rendered = parse(bundle.files['compose.yaml']!) as {
    services: Record<string, ComposeService>;
    secrets?: Record<string, { file?: string }>;
    name: string;
  };
  const each = Object.entries(rendered.services);

  test(`${id}: says who it is`, () => {
    assert.equal(definition.id, folder.split('/').pop(), 'its id is the name of its folder');
    assert.match(
      id,
      /^[a-z][a-z0-9-]{0,19}$/,
      'at most 20 characters: lower-case letters, digits and hyphens',
    );
    assert.ok(definition.title && definition.summary, 'title and summary');
    assert.match(definition.upstream.version, /^\d/, 'an exact version of what it runs');
    assert.ok(
      definition.upstream.licence && (definition.upstream.url ?? 'https://').startsWith('https://'),
      'its upstream, with licence',
    );
  });

  test(`${id}: explains every option`, () => {
    const schema = z.toJSONSchema(definition.options, { io: 'input' }) as {
      properties?: Record<string, { description?: string }>;
      additionalProperties?: boolean;
    };
    for (const [name, option] of Object.entries(schema.properties ?? {}))
      assert.ok(option.description, `option "${name}" needs .describe()`);
    assert.equal(
      schema.additionalProperties,
      false,
      'options are a z.strictObject: a mistyped one is refused',
    );
    assert.doesNotThrow(() => definition.options.parse({}), 'every option has a default');
  });

  test(`${id}: names exact images`, () => {
    for (const [name, image] of Object.entries(imagesOf(definition))) {
      const folder = 'pull' in image ? image.stub : image.build;
      assert.ok(
        existsSync(join(projectRoot, folder, 'Dockerfile')),
        `image "${name}": there is no ${folder}/Dockerfile`,
      );
      if (!('pull' in image)) continue;
      assert.match(
        image.pull,
        /^[a-z0-9.-]+\.[a-z]+\/[a-z0-9._/-]+:\d[\w.-]*$/,
        `image "${name}": host/name:version, with an exact version`,
      );
      assert.match(folder, /-stub$/, `image "${name}": a stub says so in its name`);
    }
    for (const [program, { image, build }] of each) {
      assert.match(
        image,
        /^\$\{IMAGE_[A-Z0-9_]+\}$/,
        `${program}: image must be \${IMAGE_<NAME>}, not ${image}`,
      );
      assert.ok(
        image.slice(2, -1) in bundle.release.images,
        `${program}: ${image} is not among the images of service.ts`,
      );
      assert.equal(build, undefined, `${program}: nothing is built on the server`);
    }
  });

  test(`${id}: uses only variables that it is given`, () => {
    const { release } = bundle;
    const given = new Set([
      ...Object.keys(release.variables),
      ...Object.keys(release.images),
      ...Object.keys(release.data).map((name) => `DATA_${toEnvName(name)}`),
      ...Object.entries(release.secrets).flatMap(([name, { readers }]) =>
        Object.keys(readers).map((reader) => `SECRET_${toEnvName(name)}_${toEnvName(reader)}`),
      ),
      ...(release.network.kind === 'bridge'
        ? Object.keys(release.network.loopbackPorts).map((name) => `PORT_${toEnvName(name)}`)
        : []),
    ]);
    for (const [, name] of bundle.files['compose.yaml']!.matchAll(/\$\{([A-Z0-9_]+)/g))
      assert.ok(given.has(name!), `compose.yaml uses \${${name}}, which nothing in service.ts gives`);
  });

  test(`${id}: publishes no port that isn't planned`, () => {
    for (const [program, { ports, network_mode }] of each) {
      for (const port of ports ?? [])
        assert.match(
          String(port),
          /^127\.0\.0\.1:\$\{PORT_[A-Z0-9_]+\}:\d+(\/udp)?$/,
          `${program}: publish to loopback only, as "127.0.0.1:\${PORT_<NAME>}:<port>", not ${port}`,
        );
      if (network_mode !== undefined) {
        assert.equal(network_mode, 'host', `${program}: network_mode may only be "host"`);
        assert.ok(
          definition.hostNetwork?.reason,
          `${program}: the host's network needs hostNetwork with a reason in service.ts`,
        );
      }
    }
    for (const healthCheck of definition.healthChecks)
      assert.ok(
        healthCheck.port in (definition.ports ?? {}),
        `the healthCheck asks port "${healthCheck.port}", which is not among its ports`,
      );
  });

  test(`${id}: may do as little as possible`, () => {
    for (const [program, container] of each) {
      assert.ok(!container.privileged, `${program}: no privileged container`);
      assert.notEqual(container.pid, 'host', `${program}: not in the host's process space`);
      assert.ok(
        !JSON.stringify(container.volumes ?? []).includes('docker.sock'),
        `${program}: no Docker socket`,
      );
      assert.deepEqual(container.cap_drop, ['ALL'], `${program}: cap_drop: [ALL], and cap_add what it needs`);
    }
  });

  test(`${id}: its main container stands first`, () => {
    assert.equal(mainContainer(bundle.files['compose.yaml']!), each[0]![0]);
  });

  test(`${id}: a TCP port that leads to it is one that it publishes`, () => {
    for (const { port, public: outside, reason } of definition.needs?.tcp ?? []) {
      assert.ok(port in (definition.ports ?? {}), `port "${port}" is not among its ports`);
      assert.ok(reason.length > 0, `TCP port ${outside} needs a reason`);
      assert.ok(!definition.hostNetwork, 'who listens on the host itself needs nobody to hand it on');
    }
  });

  test(`${id}: says what becomes of a user who is switched off`, () => {
    const { login, route } = definition.needs ?? {};
    if (!login || login === 'for-others') return;
    assert.ok(route, 'who takes a login is reached on the web');
    assert.ok(definition.userHooks, 'needs userHooks: { logOut, disable, enable, remove }');
    for (const [hook, steps] of Object.entries(definition.userHooks ?? {}))
      for (const { container } of [steps].flat())
        assert.ok(container in rendered.services, `userHooks.${hook}: there is no container "${container}"`);
    assert.ok(
      login.pages.some(({ user }) => user === 200),
      'its healthChecks must show that a user is in',
    );
    assert.equal(
      login.pages.every((page) => page.user === page.admin),
      login.noAdmins !== undefined,
      'its healthChecks must tell a user from an administrator, or noAdmins says why there is nothing to tell',
    );
  });

  test(`${id}: says who may open its pages`, () => {
    const { login, route } = definition.needs ?? {};
    if (!route || definition.provides === 'login') return;
    const isLdap = definition.needs?.ldap === 'readers';
    const ways = [login, definition.needs?.authProxy, definition.publicBecause, isLdap].filter(Boolean);
    assert.equal(
      ways.length,
      1,
      'who is reached on the web has one of needs.login, needs.authProxy, needs.ldap (as a reader), publicBecause (a reason)',
    );
  });

  test(`${id}: has limits and says how it is`, () => {
    const sum = each.reduce((total, [program, container]) => {
      const limit = megabytes(container.mem_limit);
      assert.ok(limit > 0, `${program}: mem_limit is missing`);
      // What runs once and ends has gone when the others are there.
      return container.restart === 'no' ? total : total + limit;
    }, 0);
    assert.equal(sum, definition.memoryMb, `memoryMb must be the sum of its containers' limits, ${sum}`);
    assert.ok(definition.healthChecks.length > 0, 'at least one healthCheck that it answers');
    for (const [program, container] of each.filter(([, { restart }]) => restart !== 'no')) {
      // An image of ours brings its own health check in its Dockerfile.
      assert.ok(
        container.healthcheck ?? container.image.match(/POSTGRES|APP|SLAPD/),
        `${program}: healthcheck is missing`,
      );
    }
  });

  test(`${id}: keeps no secret in its text, and mounts those that it has as files`, () => {
    for (const [program, { environment }] of each) {
      for (const [name, value] of Object.entries(environment ?? {})) {
        if (/PASSWORD|SECRET|TOKEN|KEY/.test(name) && !/^(true|false|\/.*)$/.test(String(value)))
          assert.match(
            name,
            /_FILE$/,
            `${program}: ${name} must come as a file (${name}_FILE=/run/secrets/...)`,
          );
        assert.doesNotMatch(
          String(value),
          /\$\{SECRET_/,
          `${program}: ${name} holds the path of a secret; mount it under "secrets:" instead`,
        );
      }
    }
    for (const [name, secret] of Object.entries(rendered.secrets ?? {}))
      assert.match(
        secret.file ?? '',
        /^\$\{SECRET_[A-Z0-9_]+\}$/,
        `secret "${name}" must be file: \${SECRET_<NAME>_<READER>}`,
      );
  });

  test(`${id}: keeps data only where they are named, and says what may go back`, () => {
    for (const [program, { volumes }] of each) {
      for (const volume of volumes ?? []) {
        const source = typeof volume === 'string' ? volume.split(':')[0]! : volume.source;
        const isNamed = /^\$\{DATA_[A-Z0-9_]+\}$/.test(source);
        const isFile = source === './files' || source.startsWith('./files/');
        const isGiven =
          (id === 'reverse-proxy'
            ? source.startsWith('/srv/haven/')
            : [trustFile, '/srv/haven/status'].includes(source)) &&
          typeof volume === 'string' &&
          volume.endsWith(':ro');
        assert.ok(
          isNamed || isFile || isGiven,
          `${program}: ${source} is neither \${DATA_<NAME>} nor ./files/...`,
        );
      }
    }
  });

  test(`${id}: gives the same release for the same input, and another for another option`, () => {
    assert.equal(releaseHash(render()), releaseHash(bundle));
    const [name] = Object.keys(definition.options.shape);
    if (name !== undefined && definition.options.safeParse({ [name]: 'another' }).success)
      assert.notEqual(releaseHash(render({ [name]: 'another' })), releaseHash(bundle));
  });
}
