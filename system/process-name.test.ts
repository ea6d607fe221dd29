import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { isRunning, processName } from './process-name.ts';

test('a process is running until it has ended, and a later one of its number is another', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const name = processName(child.pid)!;
  assert.equal(isRunning(name), true);
  assert.notEqual(name, processName());
  assert.equal(isRunning(name.replace(/\d+$/, '1')), false, 'started at another moment');
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(isRunning(name), false);
});

test('without /proc a process is named by ps', async () => {
  const none = '/nonexistent';
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const name = processName(child.pid, none)!;
  assert.match(name, /^ps \d+ \w+/);
  assert.equal(isRunning(name, none), true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(isRunning(name, none), false);
});
