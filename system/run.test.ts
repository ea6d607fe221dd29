import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { scratch } from '../test/support/scratch.ts';
import { run, tryRun } from './run.ts';

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = Date.now();
  await work();
  return (Date.now() - begun) / 1000;
};

test('a time limit ends what the program started, too', async () => {
  const file = join(scratch('run'), 'written-later');
  const script = `(sleep 2; echo late > ${file}) & wait`;
  const took = await seconds(() => assert.rejects(run('sh', ['-c', script], { timeoutMs: 200 })));
  assert.ok(took < 1.5, `it took ${took} s`);
  await sleep(2500);
  assert.equal(existsSync(file), false);
});

test('says what it waited for, and for how long', async () => {
  await assert.rejects(
    run('sh', ['-c', 'echo half a line; sleep 5'], { timeoutMs: 300 }),
    /^RunError: sh -c echo half a line; sleep 5: was stopped, because it did not end within 0\.3 s\nhalf a line$/,
  );
});

test('the status of a program that was stopped is not taken for its own', async () => {
  await assert.rejects(tryRun('sh', ['-c', 'trap "exit 0" TERM; sleep 5'], { timeoutMs: 200 }), /0\.2 s/);
});

test('a signal stops it with its reason, also one that was given before', async () => {
  const ending = new AbortController();
  const waits = run('sh', ['-c', 'echo begun; sleep 5'], {
    signal: ending.signal,
    onOutput: () => ending.abort('nobody waits for it'),
  });
  await assert.rejects(waits, /: was stopped, because nobody waits for it\nbegun$/);
  const late = () => assert.rejects(run('sleep', ['5'], { signal: ending.signal }), /nobody waits for it$/);
  assert.ok((await seconds(late)) < 1);
});

test('a program that left another one running with its output has ended', async () => {
  let result = { stdout: '', stderr: '', code: -1 };
  const took = await seconds(async () => {
    result = await tryRun('sh', ['-c', 'sleep 6 & echo done; exit 3']);
  });
  assert.deepEqual(result, { stdout: 'done\n', stderr: '', code: 3 });
  assert.ok(took < 4, `it took ${took} s`);
});

test('a lot of output arrives whole', async () => {
  const { stdout } = await run('sh', ['-c', 'head -c 3000000 /dev/zero']);
  assert.equal(stdout.length, 3_000_000);
});

test('a program that prints without end is stopped, and the end of its output is shown', async () => {
  const script = 'trap "" TERM; yes "more and more"';
  const took = await seconds(() =>
    assert.rejects(
      tryRun('sh', ['-c', script], { mostOutputMb: 1 }),
      /^RunError: .*: was stopped, because it printed more than 1 MB\n(.*\n)*more and more/,
    ),
  );
  assert.ok(took < 10, `it took ${took} s`);
});

test('an interrupt at the terminal ends what runs', async () => {
  const file = join(scratch('run'), 'written-later');
  const program = `import { run } from ${JSON.stringify(import.meta.resolve('./run.ts'))};
    setTimeout(() => process.kill(process.pid, 'SIGINT'), 300);
    await run('sh', ['-c', 'sleep 2; echo late > ${file}']);`;
  const { code } = await tryRun(process.execPath, ['--input-type=module-typescript', '-e', program]);
  assert.equal(code, 130);
  await sleep(2500);
  assert.equal(existsSync(file), false);
});
