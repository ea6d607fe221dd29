import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../system/project-root.ts';
import { madeDocs } from '../../setup/docs.ts';

const pages = await madeDocs();

for (const [path, text] of Object.entries(pages)) {
  test(`${path} is what the code says`, () => {
    const full = join(projectRoot, path);
    assert.ok(existsSync(full), `${path} is missing. Type: npm run docs`);
    assert.equal(readFileSync(full, 'utf8'), text, `${path} is old. Type: npm run docs`);
  });
}

test('every command says what it does, and shows how it is typed', () => {
  const text = pages['docs/commands.md']!;
  for (const section of text.split('\n## ').filter((each) => each.startsWith('haven '))) {
    const [heading = '', , summary = ''] = section.split('\n');
    assert.ok(summary.length > 10, `${heading} needs a summary`);
    assert.match(section, /```\n\S/, `${heading} needs an example`);
  }
});
