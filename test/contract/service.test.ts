import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { advisories } from '../../services/advisories.ts';
import { loadCatalogue } from '../../services/catalogue.ts';
import { loadUpstreamImage } from '../../services/upstream-images.ts';
import { projectRoot } from '../../system/project-root.ts';
import { contractProblems } from './contract.ts';

const catalogue = await loadCatalogue([join(projectRoot, 'services'), join(projectRoot, 'test/services')]);

function dockerfile(folder: string): string | undefined {
  const path = join(projectRoot, folder, 'Dockerfile');
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

for (const [id, entry] of catalogue) {
  test(`${id} keeps the contract of services`, () => {
    const others = [...catalogue.values()]
      .map(({ definition }) => definition)
      .filter((each) => each.id !== id);
    const problems = contractProblems(entry, {
      ...{ dockerfile, others, advisories },
      upstream: loadUpstreamImage,
    });
    if (problems.length > 0)
      assert.fail(
        `services/${id}:\n${problems.map(({ rule, sentence }) => `  ${sentence} (${rule})`).join('\n')}`,
      );
  });
}
