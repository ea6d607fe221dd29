import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PeopleHook, PeopleHookName, PeopleHooks } from '../services/service.ts';
import { tryRun } from '../system/run.ts';
import { currentHash, hasBundle, loadBundle, writeDurably } from './bundle-store.ts';
import type { Layout } from './layout.ts';
import { scrub } from './secrets.ts';
import { runningRelease } from './switch.ts';

/** A person as services know them: by name, and by their `sub` at the login, which stays whatever becomes of the name. */
export interface Known {
  name: string;
  subject: string;
}

/** What happened to a person, with what a service needs to know of it. */
export interface Happening {
  hook: PeopleHookName;
  person: Known;
  /** Who gets what they made, when they are removed. */
  heir?: Known;
  newName?: string;
}

/** What a service has still to do about a person: it could not be asked when it happened. */
export interface Errand extends Happening {
  service: string;
}

/** Tells every service what happened to a person. Who can't be asked now is asked again later; answers with those. */
export async function tellServices(layout: Layout, happening: Happening): Promise<Errand[]> {
  const errands = existsSync(layout.services)
    ? readdirSync(layout.services)
        .filter((service) => hookOf(layout, service, happening.hook))
        .map((service) => ({ service, ...happening }))
    : [];
  return runErrands(layout, errands, notOvertaken(pendingErrands(layout), happening));
}

const switches: PeopleHookName[] = ['disable', 'enable'];

/** What is still to be done: whether somebody was to be on or off before is overtaken by what they shall be now. */
export function notOvertaken(pending: Errand[], { hook, person }: Happening): Errand[] {
  if (!switches.includes(hook)) return pending;
  return pending.filter((each) => each.person.subject !== person.subject || !switches.includes(each.hook));
}

/** Does what could not be done before. */
export async function retryErrands(layout: Layout): Promise<Errand[]> {
  const pending = pendingErrands(layout);
  return pending.length > 0 ? runErrands(layout, pending, []) : [];
}

async function runErrands(layout: Layout, errands: Errand[], others: Errand[]): Promise<Errand[]> {
  // Written down first: whatever happens now, they are done in the end.
  keep(layout, [...others, ...errands]);
  const left: Errand[] = [];
  for (const errand of errands) {
    const why = await runErrand(layout, errand);
    if (why !== undefined) left.push(errand);
    if (why !== undefined)
      process.stderr.write(`${errand.service}, ${errand.hook} ${errand.person.name}: ${why}\n`);
  }
  keep(layout, [...others, ...left]);
  return left;
}

/** Undefined when it is done, else why not. */
async function runErrand(
  layout: Layout,
  { service, hook, person, heir, newName = '' }: Errand,
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
    PERSON: person.name,
    SUBJECT: person.subject,
    HEIR: heir?.name ?? '',
    HEIR_SUBJECT: heir?.subject ?? '',
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
function hookOf(layout: Layout, service: string, hook: PeopleHookName) {
  const hash = currentHash(layout, service);
  if (!hash || !hasBundle(layout, service, hash)) return undefined;
  const { people } = loadBundle(layout, service, hash).release;
  return people && stepsOf(people, hook);
}

function stepsOf(
  people: PeopleHooks,
  hook: PeopleHookName,
): (PeopleHook & { always?: boolean })[] | undefined {
  if (hook === 'rename') return people.rename;
  return hook === 'disable' ? [people.disable, people.logOut] : [people[hook]];
}

const pendingFile = (layout: Layout): string => join(layout.people, 'pending.json');

function pendingErrands(layout: Layout): Errand[] {
  const file = pendingFile(layout);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Errand[]) : [];
}

function keep(layout: Layout, errands: Errand[]): void {
  if (errands.length === 0 && !existsSync(pendingFile(layout))) return;
  writeDurably(pendingFile(layout), `${JSON.stringify(errands)}\n`, 0o600);
}
