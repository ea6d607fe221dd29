import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addService, removeService } from './edit-services.ts';

const text = `# mine
server:
  type: cx23 # small
services:
  # the page
  website: {}
`;

test('adds a service below the others, and keeps every comment', () => {
  assert.equal(addService(text, 'gitea', {}), `${text}  gitea: {}\n`);
  const rich = addService(text, 'gitea', { subdomain: 'code', options: { title: 'Our: code' } });
  assert.equal(rich, `${text}  gitea:\n    subdomain: code\n    options:\n      title: "Our: code"\n`);
});

test('removing it again restores the text', () => {
  assert.equal(removeService(addService(text, 'gitea', { subdomain: 'code' }), 'gitea'), text);
});

test('removing the last service leaves an empty map that accepts another', () => {
  const empty = removeService('services:\n  website: {}\n', 'website');
  assert.equal(empty, 'services: {}\n');
  assert.equal(addService(empty, 'gitea', {}), 'services:\n  gitea: {}\n');
});
