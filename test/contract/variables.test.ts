import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeEnvironment } from '../../agent/operations/environment.ts';
import { Layout } from '../../agent/store/layout.ts';
import type { Bundle } from '../../core/release/release.ts';
import { composeVariables, variablesOf } from '../../core/release/variables.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { projectRoot } from '../../system/project-root.ts';
import { scratch } from '../support/scratch.ts';
import { subjectOf } from './subject.ts';

const catalogue = await loadCatalogue([join(projectRoot, 'services'), join(projectRoot, 'test/services')]);
const bundles = [...catalogue.values()].map(
  (entry) =>
    subjectOf(entry, { dockerfile: () => undefined, upstream: () => undefined, others: [], advisories: [] })
      .bundle,
);
/** `PORT_<NAME>` of the table, as what matches its names. */
const patterns = composeVariables.map(({ name }) => ({
  name,
  pattern: new RegExp(`^${name.replaceAll(/<[A-Z]+>/g, '[A-Z0-9_]+')}$`),
}));

/** The names that the agent writes into `.env` beside a compose file. */
function writtenByAgent(bundle: Bundle): string[] {
  const folder = scratch('variables');
  writeEnvironment(new Layout('/srv/haven'), bundle, folder, bundle.release.images);
  return [...readFileSync(join(folder, '.env'), 'utf8').matchAll(/^([A-Z0-9_]+)=/gm)].map(
    ([, name]) => name!,
  );
}

test('the agent gives each service the variables of the table, and no others', () => {
  for (const bundle of bundles) {
    const given = writtenByAgent(bundle).sort();
    assert.deepEqual(given, variablesOf(bundle.release).sort(), bundle.release.service);
    assert.deepEqual(
      given.filter((name) => !patterns.some(({ pattern }) => pattern.test(name))),
      [],
      bundle.release.service,
    );
  }
});

test('every variable of the table is given to a service of the catalogue', () => {
  const given = bundles.flatMap(({ release }) => variablesOf(release));
  assert.deepEqual(
    patterns.filter(({ pattern }) => !given.some((name) => pattern.test(name))).map(({ name }) => name),
    [],
  );
});
