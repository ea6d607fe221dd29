import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { writeEnvironment } from '../../agent/operations/environment.ts';
import { Layout } from '../../agent/store/layout.ts';
import { canBeProtected } from '../../core/release/auth-proxy.ts';
import { renderRelease } from '../../core/release/render-release.ts';
import type { CatalogueEntry } from '../../core/service.ts';
import { ensureMachineImage } from '../../sandbox/images/images.ts';
import { startDocker, tryDocker } from '../../sandbox/machine/docker.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { imageReferences } from '../../services/context-hash.ts';
import { projectRoot } from '../../system/project-root.ts';
import { scratch } from '../support/scratch.ts';

/** What the server's own Docker Compose says of each service's rendered compose file, with the variables it will have. */
const catalogue = await loadCatalogue([join(projectRoot, 'services'), join(projectRoot, 'test/services')]);
const references = imageReferences(catalogue);

const allOn = ({ definition }: CatalogueEntry): Record<string, boolean> =>
  Object.fromEntries(Object.keys(definition.optional ?? {}).map((option) => [option, true]));

const asTheyRun = [...catalogue].flatMap(([id, entry]) => [
  { id, ...entry, name: id, options: {}, protection: undefined },
  ...(entry.definition.optional
    ? [{ id, ...entry, name: `${id}, with all optional parts`, options: allOn(entry), protection: undefined }]
    : []),
  ...(canBeProtected(entry.definition)
    ? [{ id, ...entry, name: `${id}, protected`, options: {}, protection: { group: 'admins' } }]
    : []),
]);

for (const { id, definition, compose, files, name, options, protection } of asTheyRun) {
  test(`${name}: docker compose config accepts it, and misses no variable`, async () => {
    await startDocker();
    const { reference } = await ensureMachineImage();
    const folder = scratch(`compose-${id}`);
    const bundle = renderRelease({
      service: definition,
      compose,
      files,
      options: definition.options.parse(options),
      context: {
        domain: 'example.org',
        host: definition.needs?.route ? `${definition.needs.route.subdomain}.example.org` : undefined,
        loginHost: 'login.example.org',
        mail: { host: 'mail.example.org', domains: ['example.org'] },
        protected: protection,
        owner: { name: 'Ada', email: 'ada@example.com' },
        timeZone: 'UTC',
      },
      images: references[id]!,
    });
    for (const [path, text] of Object.entries(bundle.files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const ids = Object.fromEntries(
      Object.keys(bundle.release.images).map((name) => [name, `sha256:${'0'.repeat(64)}`]),
    );
    writeEnvironment(new Layout(), bundle, folder, ids);
    const run = [
      'run',
      '--rm',
      '--network',
      'none',
      '-v',
      `${folder}:/release:ro`,
      '--workdir',
      '/release',
      reference,
    ];
    const checked = await tryDocker([...run, 'docker', 'compose', 'config', '--quiet']);
    assert.equal(checked.code, 0, checked.stderr);
    assert.doesNotMatch(checked.stderr, /variable is not set|warn/i, checked.stderr);
  });
}
