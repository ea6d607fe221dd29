import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch } from '../../test/support/scratch.ts';
import { BuildProgress, shownTime } from './build-progress.ts';
import { loadDurations, saveDuration, secondsLeft } from './durations.ts';
import { missingTasks, runTasks } from './run-tasks.ts';
import type { BuildTask, Lane } from './task.ts';

/** A task that ends when told to, and that notes when it begins. */
class Manual {
  readonly began: string[] = [];
  readonly #ends = new Map<string, (error?: Error) => void>();

  task(name: string, lane: Lane, after: string[] = [], seconds = 10): BuildTask {
    const make = () => {
      this.began.push(name);
      return new Promise<void>((resolve, reject) =>
        this.#ends.set(name, (error) => (error ? reject(error) : resolve())),
      );
    };
    return { name, lane, after, seconds, isMade: async () => false, make };
  }

  async end(name: string, error?: Error): Promise<void> {
    this.#ends.get(name)!(error);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('makes one task at a time in each lane, and each after those that it names', async () => {
  const manual = new Manual();
  const run = runTasks([
    manual.task('engine', 'cpu'),
    manual.task('program', 'cpu', ['modules']),
    manual.task('image', 'network', ['program', 'not in this run']),
    manual.task('modules', 'network'),
    manual.task('debian', 'network'),
  ]);
  assert.deepEqual(manual.began, ['engine', 'modules']);
  await manual.end('engine');
  assert.deepEqual(manual.began, ['engine', 'modules'], 'the program waits for its modules');
  await manual.end('modules');
  assert.deepEqual(manual.began.slice(2), ['program', 'debian']);
  await manual.end('debian');
  await manual.end('program');
  assert.equal(manual.began.at(-1), 'image');
  await manual.end('image');
  await run;
});

test('after a failure no task is started, and what runs is waited for', async () => {
  const manual = new Manual();
  let isOver = false;
  const run = assert
    .rejects(
      runTasks([manual.task('a', 'cpu'), manual.task('b', 'network'), manual.task('c', 'cpu')]),
      /a is broken/,
    )
    .then(() => {
      isOver = true;
    });
  await manual.end('a', new Error('a is broken'));
  assert.equal(isOver, false);
  await manual.end('b');
  await run;
  assert.deepEqual(manual.began, ['a', 'b']);
});

test('tasks that wait for each other are named instead of waited for', async () => {
  const manual = new Manual();
  const tasks = [manual.task('a', 'cpu', ['b']), manual.task('b', 'cpu', ['a'])];
  await assert.rejects(runTasks(tasks), /wait for each other: a, b/);
});

test('leaves out what exists', async () => {
  const manual = new Manual();
  const made = { ...manual.task('made', 'cpu'), isMade: async () => true };
  const missing = manual.task('missing', 'cpu');
  assert.deepEqual(await missingTasks([made, missing]), [missing]);
});

test('the estimate is the longer lane and what waits for both, by measured durations where there are any', () => {
  const manual = new Manual();
  const engine = manual.task('engine', 'cpu', [], 100);
  const caddy = manual.task('caddy', 'cpu', [], 50);
  const debian = manual.task('debian', 'network', [], 60);
  const disk = manual.task('disk', 'network', ['engine', 'caddy', 'debian'], 7);
  const open = [engine, caddy, debian, disk].map((task) => ({ task }));
  assert.equal(secondsLeft(open, {}), 157);
  assert.equal(secondsLeft(open, { engine: 5 }), 67);
  assert.equal(secondsLeft([{ task: engine, elapsed: 30 }, ...open.slice(1)], {}), 127);
  assert.equal(secondsLeft([{ task: engine, elapsed: 500 }, ...open.slice(1)], {}), 67);
  assert.equal(secondsLeft(open.slice(3), {}), 7);
});

test('durations are kept by name', () => {
  const file = join(scratch('durations'), 'durations.json');
  assert.deepEqual(loadDurations(file), {});
  saveDuration('a', 1.4, file);
  saveDuration('b', 2.6, file);
  saveDuration('a', 9, file);
  assert.deepEqual(loadDurations(file), { a: 9, b: 3 });
});

test('progress says what is built, how far and how long still', () => {
  const manual = new Manual();
  const [engine, debian] = [manual.task('Engine', 'cpu', [], 180), manual.task('Debian', 'network', [], 20)];
  const file = join(scratch('progress'), 'durations.json');
  const lines: string[] = [];
  const progress = new BuildProgress({ line: (text) => lines.push(text) }, [engine, debian], {
    thenSeconds: 60,
    file,
  });
  progress.onEvent({ task: engine, what: 'started' });
  progress.onEvent({ task: debian, what: 'started' });
  progress.onEvent({ task: debian, what: 'made' });
  progress.stop();
  assert.deepEqual(lines, [
    'Engine: about 3 min',
    'Debian: about 20 s',
    'Debian: done in 0 s. 1 of 2, about 4 min left',
  ]);
  assert.deepEqual(loadDurations(file), { Debian: 0 });
});

test('times are shown in minutes and seconds', () => {
  assert.deepEqual([0.4, 59.4, 60, 185].map(shownTime), ['0 s', '59 s', '1 min', '3 min 5 s']);
});
