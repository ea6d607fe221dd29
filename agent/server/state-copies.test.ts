import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Layout } from '../store/layout.ts';
import { getState, newestState, putState } from './state-copies.ts';

/** In a process with this variable, this file stores copies on the server that it names, and tests nothing. */
const storeIn = 'STORE_STATE_COPIES_IN';
const server = process.env[storeIn];
if (server) {
  console.log('ready');
  await once(process.stdin, 'data');
  for (let made = 0; made < 50; made++) console.log(putState(new Layout(server), 'sealed', new Date(0)).id);
  process.exit();
}

function emptyServer(t: TestContext): Layout {
  const root = mkdtempSync(join(tmpdir(), 'haven-states-'));
  t.after(() => rmSync(root, { recursive: true }));
  return new Layout(root);
}

const day = (number: number): Date => new Date(`2026-01-0${number}T12:00:00Z`);

test('keeps the newest copies of the state and returns them unchanged', (t) => {
  const layout = emptyServer(t);
  assert.deepEqual(newestState(layout), { id: null });
  const ids = [1, 2, 3, 4, 5, 6, 7].map((each) => putState(layout, `sealed ${each}`, day(each)).id);
  assert.deepEqual(newestState(layout), { id: ids[6] });
  assert.deepEqual(getState(layout, ids[2]!), { id: ids[2], sealed: 'sealed 3' });
  assert.throws(() => getState(layout, ids[1]!), /This server has no copy/);
  assert.equal(readdirSync(layout.states).length, 5);
});

test('two copies made in the same second are both kept, the later one as the newest', (t) => {
  const layout = emptyServer(t);
  const [first, second] = ['a', 'b'].map((each) => putState(layout, `sealed ${each}`, day(1)).id);
  assert.equal(getState(layout, first!).sealed, 'sealed a');
  assert.equal(getState(layout, second!).sealed, 'sealed b');
  assert.deepEqual(newestState(layout), { id: second });
});

test('the copy that arrives last is the newest, even if the clock was set back', (t) => {
  const layout = emptyServer(t);
  putState(layout, 'sealed before', day(2));
  const { id } = putState(layout, 'sealed after', day(1));
  assert.deepEqual(newestState(layout), { id });
});

test('several processes that store copies at the same time never use a name twice', async (t) => {
  const layout = emptyServer(t);
  const processes = [1, 2, 3].map(() => {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], {
      env: { ...process.env, [storeIn]: layout.root },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    return { child, lines: createInterface(child.stdout) };
  });
  await Promise.all(processes.map(({ lines }) => once(lines, 'line')));
  const ids = await Promise.all(
    processes.map(async ({ child, lines }) => {
      const said: string[] = [];
      lines.on('line', (line) => said.push(line));
      child.stdin.write('go');
      await once(lines, 'close');
      return said;
    }),
  );
  assert.equal(new Set(ids.flat()).size, 150);
});

test('refuses a name that leads to another folder', () => {
  assert.throws(() => getState(new Layout('/nowhere'), '../secrets/x'), /This server has no copy/);
});
