import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageProblem, parseMissing } from './images.ts';

const id = `sha256:${'a'.repeat(64)}`;
const reference = 'openhaven/caddy:1234';

test('an image is missing without its id, and otherwise only its name is', () => {
  const problem = (missing: string[], known: string | undefined = id) =>
    imageProblem({ reference, id: known }, new Set(missing));
  assert.equal(problem([]), undefined);
  assert.equal(problem([reference]), `its image ${reference} (without its name)`);
  assert.equal(problem([id]), `its image ${reference} (missing)`);
  assert.equal(problem([id, reference]), `its image ${reference} (missing)`);
});

test('an image that the release does not know by an id is missing', () => {
  const problem = imageProblem({ reference, id: undefined }, new Set());
  assert.equal(problem, `its image ${reference} (missing)`);
});

test("reads which images Docker does not have from both of its clients' errors", () => {
  const older = `Error: No such image: ${reference}\nError: No such image: ${id}\n`;
  const newer = `Error response from daemon: No such image: ${reference}\n`;
  assert.deepEqual([...parseMissing(older)], [reference, id]);
  assert.deepEqual([...parseMissing(newer)], [reference]);
  assert.deepEqual([...parseMissing('Cannot connect to the Docker daemon')], []);
});
