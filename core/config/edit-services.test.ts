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

test('a service is added below the others, and every comment stays', () => {
  assert.equal(addService(text, 'gitea', {}), `${text}  gitea: {}\n`);
  const rich = addService(text, 'gitea', { subdomain: 'code', options: { title: 'Our: code' } });
  assert.equal(rich, `${text}  gitea:\n    subdomain: code\n    options:\n      title: "Our: code"\n`);
});

test('taken out again, the text is what it was', () => {
  assert.equal(removeService(addService(text, 'gitea', { subdomain: 'code' }), 'gitea'), text);
});

test('the last one leaves an empty list, to which one can be added', () => {
  const empty = removeService('services:\n  website: {}\n', 'website');
  assert.equal(empty, 'services: {}\n');
  assert.equal(addService(empty, 'gitea', {}), 'services:\n  gitea: {}\n');
});
