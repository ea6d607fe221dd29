import type { UserHook, UserHookName, UserHooks } from '../../core/service.ts';
import { printable } from '../../system/printable.ts';
import { tryRun } from '../../system/run.ts';
import { currentHash, hasBundle, loadBundle } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
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
  isAdmin?: boolean;
}

/** A service's release, and its running containers. */
export interface RunningService {
  service: string;
  hash: string;
}

type Step = UserHook & { always?: boolean };

/** A service's steps for an event; undefined when it has none. */
export function hookOf(layout: Layout, service: string, hook: UserHookName): Step[] | undefined {
  const hash = currentHash(layout, service);
  if (!hash || !hasBundle(layout, service, hash)) return undefined;
  const { userHooks } = loadBundle(layout, service, hash).release;
  return userHooks && stepsOf(userHooks, hook);
}

/** After `disable` comes `logOut`: open sessions must end as well. */
export function stepsOf(hooks: UserHooks, hook: UserHookName): Step[] | undefined {
  if (hook === 'rename') return hooks.rename;
  if (hook === 'disable') return [hooks.disable, hooks.logOut];
  const step = hooks[hook];
  return step && [step];
}

/** The environment variables of a hook. */
export const variablesOf = ({ user, successor, newName, isAdmin }: UserEvent): Record<string, string> => ({
  USER_NAME: user.name,
  SUBJECT: user.subject,
  SUCCESSOR: successor?.name ?? '',
  SUCCESSOR_SUBJECT: successor?.subject ?? '',
  NEW_NAME: newName ?? '',
  IS_ADMIN: isAdmin === undefined ? '' : String(isAdmin),
});

/** Runs a service's hook in its containers. Undefined when it succeeded, otherwise the reason. */
export async function runHook(
  layout: Layout,
  { service, hash }: RunningService,
  event: UserEvent,
): Promise<string | undefined> {
  const { release } = loadBundle(layout, service, hash);
  let failed: string | undefined;
  for (const { container, command, always } of (release.userHooks &&
    stepsOf(release.userHooks, event.hook)) ??
    []) {
    if (failed !== undefined && !always) continue;
    const done = await tryRun(
      'docker',
      [
        ...['compose', '--project-name', `haven-${service}`, 'exec', '-T'],
        ...Object.entries(variablesOf(event)).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
        ...[container, ...command],
      ],
      { cwd: layout.release(service, hash), timeoutMs: 300_000 },
    );
    if (done.code !== 0) failed ??= lastLines(scrub(layout, release, printable(done.stderr || done.stdout)));
    // A hook with nothing to do says so: the user has never logged in here, or the hook no longer fits its tables.
    else if (done.stdout.trim())
      process.stderr.write(
        `${service}, ${event.hook} ${event.user.name}: ${lastLines(scrub(layout, release, printable(done.stdout)))}\n`,
      );
  }
  return failed;
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-3).join(' ');
