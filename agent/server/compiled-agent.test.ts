import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, beforeEach, test } from 'node:test';
import { Script } from 'node:vm';
import { agentFilesIn, compileAgent, renderStart } from './compiled-agent.ts';

const folder = mkdtempSync(`${tmpdir()}/compiled-agent-`);
after(() => rmSync(folder, { recursive: true }));
const files = agentFilesIn(folder);
const program = (word: string): string =>
  `const { basename } = require('node:path'); console.log(${JSON.stringify(word)}, basename(__filename), ...process.argv.slice(2));`;
const start = (): string => {
  const { stdout, stderr } = spawnSync(process.execPath, [files.start, 'list'], { encoding: 'utf8' });
  return stdout + stderr;
};

beforeEach(() => {
  rmSync(files.compiled, { force: true });
  writeFileSync(files.program, program('ready'));
  writeFileSync(files.start, renderStart(files));
});

test('an agent starts in the same way with and without what was compiled', () => {
  assert.equal(start(), 'ready agent.cjs list\n');
  compileAgent(files);
  assert.equal(start(), 'ready agent.cjs list\n');
});

test('V8 takes what was compiled, and it is not compiled a second time', () => {
  compileAgent(files);
  const kept = readFileSync(files.compiled);
  const text = `(function (exports, require, module, __filename, __dirname) { ${program('ready')}\n})`;
  const script = new Script(text, { filename: files.program, cachedData: kept.subarray(32) });
  assert.equal(script.cachedDataRejected, false);
  compileAgent(files);
  assert.deepEqual(readFileSync(files.compiled), kept);
});

test('another agent of the same length is not mistaken for the one that was compiled', () => {
  compileAgent(files);
  writeFileSync(files.program, program('other'));
  assert.equal(start(), 'other agent.cjs list\n');
  const kept = readFileSync(files.compiled);
  compileAgent(files);
  assert.notDeepEqual(readFileSync(files.compiled), kept);
  assert.equal(start(), 'other agent.cjs list\n');
});

test('a compiled file that is damaged, cut short or empty is not used, and written again', () => {
  compileAgent(files);
  const kept = readFileSync(files.compiled);
  const flipped = Buffer.from(kept);
  flipped[kept.length >> 1]! ^= 0xff;
  for (const damaged of [flipped, kept.subarray(0, kept.length - 9), kept.subarray(0, 7), Buffer.alloc(0)]) {
    writeFileSync(files.compiled, damaged);
    assert.equal(start(), 'ready agent.cjs list\n');
    compileAgent(files);
    assert.deepEqual(readFileSync(files.compiled), kept);
  }
  assert.ok(existsSync(files.compiled));
});
