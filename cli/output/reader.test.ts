import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';

const here = (file: string): string => new URL(file, import.meta.url).href;

/** Runs a program whose reader is gone after its first output. Answers with its exit code and what it still told. */
function unread(body: string, { readsErrors = true } = {}): Promise<{ code: number | null; told: string }> {
  const program = `
    import { setTimeout as sleep } from 'node:timers/promises';
    import { interruptible } from '${here('./interrupt.ts')}';
    import { endWithReader } from '${here('./reader.ts')}';
    endWithReader();
    // As the engine does with what nobody caught.
    process.on('uncaughtException', (error) => console.error('uncaught: ' + error.message));
    ${body}`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  let told = '';
  child.stderr.on('data', (chunk) => {
    told += chunk;
  });
  child.stdout.once('data', () => {
    child.stdout.destroy();
    if (!readsErrors) child.stderr.destroy();
  });
  return new Promise((resolve) => child.on('exit', (code) => resolve({ code, told })));
}

const writeUntil = (end: string): string => `
  while (${end}) {
    process.stdout.write('a line\\n');
    await sleep(10);
  }`;

test('a command whose reader is gone ends, as after "head"', async () => {
  assert.deepEqual(await unread(writeUntil('true')), { code: 0, told: '' });
});

test('work that is under way is interrupted, and not ended in the middle', async () => {
  const { code, told } = await unread(`
    await interruptible(async (signal) => {
      ${writeUntil('!signal.aborted')}
      await sleep(300);
      process.stderr.write('what was under way is finished');
    });
    process.stdout.write('the end\\n');
    await sleep(5000);`);
  assert.equal(told, 'what was under way is finished');
  assert.equal(code, 1);
});

test('what nobody reads on standard error is lost, and nothing else', async () => {
  const { code } = await unread(
    `
    process.stdout.write('begun\\n');
    await sleep(300);
    process.stdout.removeAllListeners('error').on('error', () => undefined);
    for (let n = 0; n < 50; n++) {
      console.error('meanwhile');
      process.stderr.write('meanwhile\\n');
      await sleep(5);
    }
    process.exit(7);`,
    { readsErrors: false },
  );
  assert.equal(code, 7);
});
