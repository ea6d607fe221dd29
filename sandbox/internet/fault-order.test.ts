import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeFaults } from './fault-order.ts';

test('an order sets and clears the faults that it names', () => {
  const first = changeFaults({}, { 'quay.io': 'slow', 'deb.debian.org': 'refused' });
  assert.deepEqual(first, { 'quay.io': 'slow', 'deb.debian.org': 'refused' });
  assert.deepEqual(changeFaults(first, { 'quay.io': null, 'ghcr.io': 'cut' }), {
    'deb.debian.org': 'refused',
    'ghcr.io': 'cut',
  });
  const places = { 'fsn1.your-objectstorage.com': 'full', 'u100000.your-storagebox.de': 'refused' };
  assert.deepEqual(changeFaults(first, places), { ...first, ...places });
});

test('an order that names something unknown is refused', () => {
  assert.throws(() => changeFaults({}, { 'quay.io': 'lost' }), /quay\.io/);
  assert.throws(() => changeFaults({}, { 'example.org': 'slow' }), /example\.org/);
  assert.throws(() => changeFaults({}, { 'deb.debian.org': 'silent' }), /deb\.debian\.org/);
  assert.throws(() => changeFaults({}, { 'u100000.your-storagebox.de': 'full' }), /your-storagebox/);
});
