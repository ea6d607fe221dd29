import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PeopleHookName } from '../services/service.ts';
import { tryRun } from '../system/run.ts';
import { currentHash, hasBundle, loadBundle, writeDurably } from './bundle-store.ts';
import type { Layout } from './layout.ts';
import { scrub } from './secrets.ts';
import { runningRelease } from './switch.ts';

/** What a service has still to do about a person: it could not be asked when it happened. */
export interface Errand {
  service: string;
  hook: PeopleHookName;
  person: string;
  heir: string;
}

/** Tells every service what happened to a person. Who can't be asked now is asked again later; answers with those. */
export async function tellServices(
  layout: Layout,
  hook: PeopleHookName,
  person: string,
  heir = '',
): Promise<Errand[]> {
  const errands = existsSync(layout.services)
    ? readdirSync(layout.services)
        .filter((service) => hasPeople(layout, service))
        .map((service) => ({ service, hook, person, heir }))
    : [];
  // What was to be done to somebody before is overtaken by what shall be now.
  const others = pendingErrands(layout).filter((each) => each.person !== person || each.hook === 'remove');
  return runErrands(layout, errands, others);
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
      process.stderr.write(`${errand.service}, ${errand.hook} ${errand.person}: ${why}\n`);
  }
  keep(layout, [...others, ...left]);
  return left;
}

/** Undefined when it is done, else why not. */
async function runErrand(
  layout: Layout,
  { service, hook, person, heir }: Errand,
): Promise<string | undefined> {
  let hash: string;
  try {
    if (!hasPeople(layout, service)) return undefined;
    hash = runningRelease(layout, service);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { release } = loadBundle(layout, service, hash);
  const { container, command } = release.people![hook];
  const done = await tryRun(
    'docker',
    [
      ...['compose', '--project-name', `haven-${service}`, 'exec', '-T'],
      ...['-e', `PERSON=${person}`, '-e', `HEIR=${heir}`, container, ...command],
    ],
    { cwd: layout.release(service, hash), timeoutMs: 300_000 },
  );
  if (done.code === 0) return undefined;
  return scrub(layout, release, (done.stderr || done.stdout).trim().split('\n').slice(-3).join(' '));
}

function hasPeople(layout: Layout, service: string): boolean {
  const hash = currentHash(layout, service);
  return Boolean(
    hash && hasBundle(layout, service, hash) && loadBundle(layout, service, hash).release.people,
  );
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
