import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UserHook, UserHookName, UserHooks } from '../../core/service.ts';
import { tryRun } from '../../system/run.ts';
import { currentHash, hasBundle, loadBundle, writeDurably } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { runningRelease } from '../store/running.ts';
import { scrub } from '../store/secrets.ts';

/** A user as services know them: by name, and by their `sub` at the login, which stays whatever becomes of the name. */
export interface UserIdentity {
  name: string;
  subject: string;
}

/** What happened to a user, with what a service needs to know of it. */
export interface UserEvent {
  hook: UserHookName;
  user: UserIdentity;
  /** Who gets what they made, when they are removed. */
  successor?: UserIdentity;
  newName?: string;
}

/** What a service has still to do about a user: it could not be asked when it happened. */
export interface PendingTask extends UserEvent {
  service: string;
}

/** Tells every service what happened to a user. Who can't be asked now is asked again later; answers with those. */
export async function tellServices(layout: Layout, event: UserEvent): Promise<PendingTask[]> {
  const tasks = existsSync(layout.services)
    ? readdirSync(layout.services)
        .filter((service) => hookOf(layout, service, event.hook))
        .map((service) => ({ service, ...event }))
    : [];
  return runPendingTasks(layout, tasks, notOvertaken(readPendingTasks(layout), event));
}

const switches: UserHookName[] = ['disable', 'enable'];

/** What is still to be done: whether somebody was to be on or off before is overtaken by what they shall be now. */
export function notOvertaken(pending: PendingTask[], { hook, user }: UserEvent): PendingTask[] {
  if (!switches.includes(hook)) return pending;
  return pending.filter((each) => each.user.subject !== user.subject || !switches.includes(each.hook));
}

/** Does what could not be done before. */
export async function retryPendingTasks(layout: Layout): Promise<PendingTask[]> {
  const pending = readPendingTasks(layout);
  return pending.length > 0 ? runPendingTasks(layout, pending, []) : [];
}

async function runPendingTasks(
  layout: Layout,
  tasks: PendingTask[],
  others: PendingTask[],
): Promise<PendingTask[]> {
  // Written down first: whatever happens now, they are done in the end.
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

/** Undefined when it is done, else why not. */
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

/** What a service does then, step by step; undefined where it does nothing. */
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
