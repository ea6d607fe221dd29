import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch } from '../../test/support/scratch.ts';
import { FilesToCommit } from './files-to-commit.ts';

test('files that a run wrote are named, if the folder is in a repository', () => {
  const directory = join(scratch('repository'), 'cloud');
  mkdirSync(join(directory, '../.git'), { recursive: true });
  mkdirSync(directory);
  writeFileSync(join(directory, 'haven.lock'), 'before');
  const files = new FilesToCommit(directory);
  assert.equal(files.note, undefined);
  writeFileSync(join(directory, 'secrets.age'), 'new');
  assert.match(files.note ?? '', /^Commit secrets\.age: this run wrote/);
  writeFileSync(join(directory, 'haven.lock'), 'after');
  assert.match(files.note ?? '', /^Commit haven\.lock and secrets\.age: /);
});

test('outside of a repository there is no note', () => {
  const directory = scratch('no-repository');
  const files = new FilesToCommit(directory);
  writeFileSync(join(directory, 'secrets.age'), 'new');
  assert.equal(files.note, undefined);
});
