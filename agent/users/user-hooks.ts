import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { UserHookName } from '../../core/service.ts';
import { readJson, writeJson } from '../store/json-file.ts';
import type { Layout } from '../store/layout.ts';
import { releaseForHooks } from '../store/running.ts';
import { type HookResult, hookOf, runHook, type UserEvent } from './run-hook.ts';

/** What a service still has to do about a user, because it could not be reached when it happened. */
export interface PendingTask extends UserEvent {
  service: string;
  /** Why the last try failed. The next try logs its reason only if it is another one. */
  reason?: string;
}

/** What came of telling services. */
export interface Told {
  /** Services that can't be reached now, and are told later. */
  left: PendingTask[];
  /** What hooks told the owner, as sentences. */
  notes: string[];
}

/** Tells every service what happened to a user. */
export async function tellServices(layout: Layout, event: UserEvent): Promise<Told> {
  const tasks = existsSync(layout.services)
    ? readdirSync(layout.services)
        .filter((service) => hookOf(layout, service, event.hook))
        .map((service) => ({ service, ...event }))
    : [];
  return runPendingTasks(layout, tasks, notOvertaken(readPendingTasks(layout), event));
}

const switches: UserHookName[] = ['disable', 'enable'];

/** The tasks that still apply: a pending disable or enable is dropped when a newer one replaces it. */
export function notOvertaken(pending: PendingTask[], { hook, user }: UserEvent): PendingTask[] {
  if (!switches.includes(hook)) return pending;
  return pending.filter((each) => each.user.subject !== user.subject || !switches.includes(each.hook));
}

/** Runs pending tasks again. */
export async function retryPendingTasks(layout: Layout): Promise<void> {
  const pending = readPendingTasks(layout);
  if (pending.length > 0) await runPendingTasks(layout, pending, []);
}

async function runPendingTasks(layout: Layout, tasks: PendingTask[], others: PendingTask[]): Promise<Told> {
  // Written down first, so that they are done even if this process ends now.
  keep(layout, [...others, ...tasks]);
  // One that takes long, or never ends, keeps no other from being told: a service may have been broken into.
  const results = new Map<PendingTask, HookResult>();
  const tellOne = async (service: string): Promise<void> => {
    for (const task of tasks.filter((each) => each.service === service))
      results.set(task, await runPendingTask(layout, task));
  };
  await Promise.all([...new Set(tasks.map(({ service }) => service))].map(tellOne));
  const left: PendingTask[] = [];
  const notes: string[] = [];
  for (const task of tasks) {
    const { failed, said } = results.get(task)!;
    notes.push(...said.map((sentence) => `${task.service}: ${sentence}`));
    if (failed === undefined) continue;
    left.push({ ...task, reason: failed });
    if (failed !== task.reason)
      process.stderr.write(`${task.service}, ${task.hook} ${task.user.name}: ${failed}\n`);
  }
  for (const note of notes) process.stderr.write(`${note}\n`);
  keep(layout, [...others, ...left]);
  return { left, notes };
}

async function runPendingTask(
  layout: Layout,
  { service, reason: _, ...event }: PendingTask,
): Promise<HookResult> {
  if (!hookOf(layout, service, event.hook)) return { said: [] };
  const running = releaseForHooks(layout, service);
  if ('reason' in running) return { failed: running.reason, said: [] };
  return runHook(layout, { service, hash: running.hash }, event);
}

const pendingFile = (layout: Layout): string => join(layout.users, 'pending.json');

const readPendingTasks = (layout: Layout): PendingTask[] => readJson(pendingFile(layout)) ?? [];

function keep(layout: Layout, tasks: PendingTask[]): void {
  if (tasks.length === 0 && !existsSync(pendingFile(layout))) return;
  writeJson(pendingFile(layout), tasks);
}
