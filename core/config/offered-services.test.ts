import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCatalogue } from '../../services/catalogue.ts';
import { offeredServices } from './offered-services.ts';

test('a service that says why it is not offered is left out, and no other', async () => {
  const catalogue = await loadCatalogue();
  const isOffered = offeredServices(catalogue);
  for (const [id, { definition }] of catalogue)
    assert.equal(isOffered.has(id), definition.notOffered === undefined, id);
});
