import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UserHook, UserHookName, UserHooks } from '../../core/service.ts';
import { tryRun } from '../../system/run.ts';
import { currentHash, hasBundle, loadBundle, writeDurably } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { runningRelease } from '../store/running.ts';
import { scrub } from '../store/secrets.ts';

/** A user as services know them: by name, and by their `sub` at the login, which never changes. */
export interface UserIdentity {
  name: string;
  subject: string;
}

/** Something that happened to a user, with what a service has to know about it. */
export interface UserEvent {
  hook: UserHookName;
  user: UserIdentity;
  /** Who gets the user's data, when the user is removed. */
  successor?: UserIdentity;
  newName?: string;
}

/** What a service still has to do about a user, because it could not be reached when it happened. */
export interface PendingTask extends UserEvent {
  service: string;
}

/** Tells every service what happened to a user. Services that can't be reached are told later, and returned. */
export async function tellServices(layout: Layout, event: UserEvent): Promise<PendingTask[]> {
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
export async function retryPendingTasks(layout: Layout): Promise<PendingTask[]> {
  const pending = readPendingTasks(layout);
  return pending.length > 0 ? runPendingTasks(layout, pending, []) : [];
}

async function runPendingTasks(
  layout: Layout,
  tasks: PendingTask[],
  others: PendingTask[],
): Promise<PendingTask[]> {
  // Written down first, so that they are done even if this process ends now.
  keep(layout, [...others, ...tasks]);
  const left: PendingTask[] = [];
  for (const task of tasks) {
    const why = await runPendingTask(layout, task);
    if (why !== undefined) left.push(task);
    if (why !== undefined) process.stderr.write(`${task.service}, ${task.hook} ${task.user.name}: ${why}\n`);
  }
  keep(layout, [...others, ...left]);
  return left;
}

/** Undefined when it succeeded, otherwise the reason. */
async function runPendingTask(
  layout: Layout,
  { service, hook, user, successor, newName = '' }: PendingTask,
): Promise<string | undefined> {
  let hash: string;
  const todo = hookOf(layout, service, hook);
  if (!todo) return undefined;
  try {
    hash = runningRelease(layout, service);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const told = {
    USER_NAME: user.name,
    SUBJECT: user.subject,
    SUCCESSOR: successor?.name ?? '',
    SUCCESSOR_SUBJECT: successor?.subject ?? '',
    NEW_NAME: newName,
  };
  const { release } = loadBundle(layout, service, hash);
  let failed: string | undefined;
  for (const { container, command, always } of todo) {
    if (failed !== undefined && !always) continue;
    const done = await tryRun(
      'docker',
      [
        ...['compose', '--project-name', `haven-${service}`, 'exec', '-T'],
        ...Object.entries(told).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
        ...[container, ...command],
      ],
      { cwd: layout.release(service, hash), timeoutMs: 300_000 },
    );
    if (done.code !== 0)
      failed ??= scrub(layout, release, (done.stderr || done.stdout).trim().split('\n').slice(-3).join(' '));
  }
  return failed;
}

/** A service's steps for an event; undefined when it has none. */
function hookOf(layout: Layout, service: string, hook: UserHookName) {
  const hash = currentHash(layout, service);
  if (!hash || !hasBundle(layout, service, hash)) return undefined;
  const { userHooks } = loadBundle(layout, service, hash).release;
  return userHooks && stepsOf(userHooks, hook);
}

function stepsOf(hooks: UserHooks, hook: UserHookName): (UserHook & { always?: boolean })[] | undefined {
  if (hook === 'rename') return hooks.rename;
  return hook === 'disable' ? [hooks.disable, hooks.logOut] : [hooks[hook]];
}

const pendingFile = (layout: Layout): string => join(layout.users, 'pending.json');

function readPendingTasks(layout: Layout): PendingTask[] {
  const file = pendingFile(layout);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as PendingTask[]) : [];
}

function keep(layout: Layout, tasks: PendingTask[]): void {
  if (tasks.length === 0 && !existsSync(pendingFile(layout))) return;
  writeDurably(pendingFile(layout), `${JSON.stringify(tasks)}\n`, 0o600);
}
