import type { BuildTask, Lane } from './task.ts';

/** What happens to a task while it is made. */
export interface BuildEvent {
  task: BuildTask;
  what: 'started' | 'made';
}

/** The tasks whose result does not exist yet, in the order given. */
export async function missingTasks(tasks: BuildTask[]): Promise<BuildTask[]> {
  const made = await Promise.all(tasks.map((task) => task.isMade()));
  return tasks.filter((_, index) => !made[index]);
}

/**
 * Makes all tasks: one at a time in each lane, the lanes side by side, and each task after those that it names. When one
 * fails no other is started, and the failure is thrown as soon as the other lane is done with what it began.
 */
export async function runTasks(
  tasks: BuildTask[],
  onEvent: (event: BuildEvent) => void = () => undefined,
): Promise<void> {
  const waiting = new Set(tasks);
  const running = new Map<Lane, Promise<void>>();
  const open = new Set(tasks.map((task) => task.name));
  const failures: unknown[] = [];

  const begin = (task: BuildTask): void => {
    waiting.delete(task);
    onEvent({ task, what: 'started' });
    const made = task.make().then(
      () => {
        open.delete(task.name);
        onEvent({ task, what: 'made' });
      },
      (error: unknown) => {
        failures.push(error);
      },
    );
    running.set(
      task.lane,
      made.finally(() => running.delete(task.lane)),
    );
  };

  for (;;) {
    if (failures.length === 0)
      for (const task of waiting) {
        const isReady = task.after.every((name) => name === task.name || !open.has(name));
        if (isReady && !running.has(task.lane)) begin(task);
      }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  if (failures.length > 0) throw failures[0];
  if (waiting.size > 0)
    throw new Error(`These wait for each other: ${[...waiting].map((task) => task.name).join(', ')}`);
}
