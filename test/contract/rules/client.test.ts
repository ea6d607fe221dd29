import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contractProblems } from '../contract.ts';
import { edit, entryOf, goodService, worldOf } from '../good-service.ts';

/** A program that reads a file in place of variables. */
function withFile(mount: string): string[] {
  const draft = goodService();
  draft.definition.files = (_options, { loginHost }) => ({
    'login.json': JSON.stringify({ issuer: `https://${loginHost}/realms/haven`, clientId: 'notes' }),
  });
  draft.compose = draft.compose.replaceAll(/^ +\w+: \$\{LOGIN_(ISSUER|CLIENT)\}.*\n/gm, '');
  edit(draft, '"./files/start.sh:/start.sh:ro"', `"./files/start.sh:/start.sh:ro", "${mount}"`);
  return contractProblems(entryOf(draft), worldOf(draft)).map(({ rule }) => rule);
}

test('a file that a container mounts can tell the program about its client', () => {
  assert.deepEqual(withFile('./files/login.json:/etc/login.json:ro'), []);
  assert.deepEqual(withFile('./files:/etc/notes:ro'), []);
});

test('a file that no container mounts tells the program nothing', () => {
  assert.deepEqual(withFile('./files/other.json:/etc/login.json:ro'), ['login-is-told', 'client-is-told']);
});
