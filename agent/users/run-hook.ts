import type { UserHook, UserHookName, UserHooks } from '../../core/service.ts';
import { printable } from '../../system/printable.ts';
import { RunError, tryRun } from '../../system/run.ts';
import { currentHash, hasBundle, loadBundle } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { scrub } from '../store/secrets.ts';

/** A user as services know them: by their `sub` at the login, which never changes, by name and by address. */
export interface UserIdentity {
  name: string;
  subject: string;
  email?: string;
}

/** Something that happened to a user, with what a service has to know about it. */
export interface UserEvent {
  hook: UserHookName;
  user: UserIdentity;
  /** Who gets the user's data, when the user is removed. */
  successor?: UserIdentity;
  newName?: string;
  isAdmin?: boolean;
}

/** A service's release, and its running containers. */
export interface RunningService {
  service: string;
  hash: string;
}

/** A service's steps for an event; undefined when it has none. */
export function hookOf(layout: Layout, service: string, hook: UserHookName): UserHook[] | undefined {
  const userHooks = hooksOf(layout, service);
  return userHooks && stepsOf(userHooks, hook);
}

/** A service's hook that creates accounts; undefined when it has none. */
export const addHookOf = (layout: Layout, service: string): UserHook | undefined =>
  hooksOf(layout, service)?.add;

function hooksOf(layout: Layout, service: string): UserHooks | undefined {
  const hash = currentHash(layout, service);
  if (!hash || !hasBundle(layout, service, hash)) return undefined;
  return loadBundle(layout, service, hash).release.userHooks;
}

/** After `disable` comes `logOut`: open sessions must end as well. */
export function stepsOf(hooks: UserHooks, hook: UserHookName): UserHook[] | undefined {
  if (hook === 'rename') return hooks.rename;
  if (hook === 'disable') return [hooks.disable, hooks.logOut];
  const step = hooks[hook];
  return step && [step];
}

/** The environment variables of a hook. */
export const variablesOf = ({ user, successor, newName, isAdmin }: UserEvent): Record<string, string> => ({
  USER_NAME: user.name,
  EMAIL: user.email ?? '',
  SUBJECT: user.subject,
  SUCCESSOR: successor?.name ?? '',
  SUCCESSOR_SUBJECT: successor?.subject ?? '',
  NEW_NAME: newName ?? '',
  IS_ADMIN: isAdmin === undefined ? '' : String(isAdmin),
});

/** What came of a hook: the reason if it failed, and what it told the owner. */
export interface HookResult {
  failed?: string;
  said: string[];
}

/** Runs a service's hook in its containers. */
export async function runHook(
  layout: Layout,
  running: RunningService,
  event: UserEvent,
): Promise<HookResult> {
  const { userHooks } = loadBundle(layout, running.service, running.hash).release;
  const said = new Set<string>();
  for (const step of (userHooks && stepsOf(userHooks, event.hook)) ?? []) {
    const done = await runStep(layout, running, step, { variables: variablesOf(event) });
    if ('failed' in done) return { failed: done.failed, said: [...said] };
    for (const line of done.printed.trim().split('\n').filter(Boolean)) said.add(line);
  }
  return { said: [...said] };
}

/** Runs one command of a hook in its container. Answers with what it printed, or with the reason why it failed. */
export async function runStep(
  layout: Layout,
  { service, hash }: RunningService,
  { container, command }: UserHook,
  { variables = {}, input = '' }: { variables?: Record<string, string>; input?: string },
): Promise<{ printed: string } | { failed: string }> {
  const { release } = loadBundle(layout, service, hash);
  const clean = (text: string) => scrub(layout, release, printable(text));
  const args = [
    ...['compose', '--project-name', `haven-${service}`, 'exec', '-T'],
    ...Object.entries(variables).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
    ...[container, ...command],
  ];
  const options = { cwd: layout.release(service, hash), timeoutMs: 300_000, mostOutputMb: 1, input };
  const done = await tryRun('docker', args, options).catch(stopped);
  if ('why' in done) return { failed: `its program ${clean(done.why)}` };
  const { code, stdout, stderr } = done;
  return code === 0 ? { printed: clean(stdout) } : { failed: lastLines(clean(stderr || stdout)) };
}

/** A hook without end is the fault of its service, and no reason to tell the others less. */
function stopped(error: unknown): { why: string } {
  if (!(error instanceof RunError)) throw error;
  const [why = ''] = error.message.slice(`${error.command}: `.length).split('\n');
  return { why };
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-3).join(' ');
