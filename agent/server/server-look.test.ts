import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch } from '../../test/support/scratch.ts';
import { fileProblem, readSeen } from './server-look.ts';

const file = { path: '/etc/x', text: 'a\n' };

test('a file differs by its content, its mode or its owner, or because it is missing', () => {
  assert.equal(fileProblem(file, { text: 'a\n', mode: 0o644, uid: 0 }), undefined);
  assert.equal(fileProblem(file, undefined), 'missing');
  assert.equal(fileProblem(file, { text: '', mode: 0o644, uid: 0 }), 'content');
  assert.equal(fileProblem(file, { text: 'a\n', mode: 0o666, uid: 0 }), 'rights');
  assert.equal(fileProblem(file, { text: 'a\n', mode: 0o644, uid: 1000 }), 'rights');
  const program = { ...file, mode: 0o755 };
  assert.equal(fileProblem(program, { text: 'a\n', mode: 0o755, uid: 0 }), undefined);
  assert.equal(fileProblem(program, { text: 'a\n', mode: 0o644, uid: 0 }), 'rights');
});

test('a link or a folder in place of a file is other content, even if a link leads to the right one', () => {
  const folder = scratch('server-look');
  const path = (name: string) => join(folder, name);
  writeFileSync(path('file'), file.text, { mode: 0o600 });
  symlinkSync(path('file'), path('link'));
  mkdirSync(path('folder'));
  assert.deepEqual(readSeen(path('file')), { text: file.text, mode: 0o600, uid: process.getuid!() });
  assert.equal(fileProblem(file, readSeen(path('link'))), 'content');
  assert.equal(fileProblem(file, readSeen(path('folder'))), 'content');
  assert.equal(readSeen(path('none')), undefined);
});
