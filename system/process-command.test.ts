import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { runsProgram } from './process-command.ts';

/** The number of a process that has ended. */
async function ended(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '0']);
  await new Promise((resolve) => child.on('close', resolve));
  return child.pid!;
}

test('knows a program by its command line, and that a process has ended', async () => {
  assert.equal(runsProgram(process.pid, 'node'), true);
  assert.equal(runsProgram(process.pid, 'pulumi-engine'), false);
  assert.equal(runsProgram(await ended(), 'node'), false);
});

test('without /proc a process that runs is taken for the program', async () => {
  const none = '/nonexistent';
  assert.equal(runsProgram(process.pid, 'pulumi-engine', none), true);
  assert.equal(runsProgram(await ended(), 'node', none), false);
});
