import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { withAllOptionalParts, withOptionalParts } from './optional-parts.ts';
import type { ServiceDefinition } from './service.ts';

const notes: ServiceDefinition = {
  id: 'notes',
  title: 'Notes',
  summary: 'Notes.',
  upstream: { name: 'Notes', licence: 'MIT', version: '1' },
  images: { notes: { build: 'images/notes' } },
  options: z.strictObject({}),
  needs: { route: { subdomain: 'notes' }, tcp: [{ public: 2525, port: 'sync', reason: 'Phones.' }] },
  ports: { sync: 9000 },
  healthChecks: [],
  memoryMb: 64,
  optional: {
    faxes: { tcp: [{ public: 2600, port: 'fax', reason: 'Faxes.' }], ports: { fax: 9001 } },
    search: {
      images: { search: { build: 'images/search' } },
      data: { index: { rollback: 'never', uid: 9010, quotaGb: 2 } },
      memoryMb: 512,
    },
  },
};
const parts = ({ images, needs, ports, data, memoryMb }: ServiceDefinition) => ({
  images: Object.keys(images),
  tcp: needs?.tcp?.map((each) => each.public),
  ports: Object.keys(ports ?? {}),
  data: Object.keys(data ?? {}),
  memoryMb,
});

test('a service has the parts that its options switch on, and no others', () => {
  const none = { images: ['notes'], tcp: [2525], ports: ['sync'], data: [], memoryMb: 64 };
  assert.deepEqual(parts(withOptionalParts(notes, {})), none);
  assert.deepEqual(parts(withOptionalParts(notes, { faxes: false, search: 'true' })), none);
  const faxes = { ...none, tcp: [2525, 2600], ports: ['sync', 'fax'] };
  assert.deepEqual(parts(withOptionalParts(notes, { faxes: true })), faxes);
  const all = { ...faxes, images: ['notes', 'search'], data: ['index'], memoryMb: 576 };
  assert.deepEqual(parts(withOptionalParts(notes, { faxes: true, search: true })), all);
  assert.deepEqual(parts(withAllOptionalParts(notes)), all);
  assert.equal(withOptionalParts(notes, { faxes: true }).needs?.route?.subdomain, 'notes');
});
