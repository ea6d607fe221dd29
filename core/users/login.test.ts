import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCatalogue } from '../../services/catalogue.ts';
import { dependencies } from './login.ts';

const catalogue = await loadCatalogue();

test('the ids of services that others depend on match the catalogue', () => {
  for (const [what, id] of Object.entries(dependencies))
    assert.equal(catalogue.get(id)?.definition.provides, what);
});
