import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Release } from '../../core/release/release.ts';
import { checkAccounts } from '../../core/users/check-accounts.ts';
import { openKeycloak, runningKeycloak } from '../effects/keycloak.ts';
import { inLdap } from '../effects/ldap.ts';
import { adminNames } from '../effects/ldap-users.ts';
import { loginIdOf } from '../effects/login-users.ts';
import { currentHash } from '../store/bundle-store.ts';
import { readJson, writeJson } from '../store/json-file.ts';
import type { Layout } from '../store/layout.ts';
import { isSwitchedOff, releaseForHooks } from '../store/running.ts';
import { hookOf, runHook, type UserEvent, type UserIdentity } from './run-hook.ts';

/**
 * Some programs don't read from the login who administers them; their hook `setAdmin` tells them. Users join and leave the
 * group in many ways (a command, a CSV file, LDAP itself), and a service can be added after its administrators. So this
 * does not depend on events: what each service was told last is stored, and compared with the group after each command
 * and by the timer. A service that can't be told now is told at the next look.
 */

/** What a service was told. A new release is told everything again, because its data may be different. */
export interface Told {
  hash: string;
  admins: UserIdentity[];
}

/** What to tell now: first the users who are no longer administrators, then those who are. */
export function adminEvents(told: Told | undefined, hash: string, admins: UserIdentity[]): UserEvent[] {
  const before = told?.admins ?? [];
  const isIn = (list: UserIdentity[], { subject }: UserIdentity) =>
    list.some((each) => each.subject === subject);
  const lost = before.filter((each) => !isIn(admins, each));
  const gained = told?.hash === hash ? admins.filter((each) => !isIn(before, each)) : admins;
  const event = (user: UserIdentity, isAdmin: boolean): UserEvent => ({ hook: 'setAdmin', user, isAdmin });
  return [...lost.map((user) => event(user, false)), ...gained.map((user) => event(user, true))];
}

/** What a service knows after an event. */
export function afterEvent({ hash, admins }: Told, { user, isAdmin }: UserEvent): Told {
  const others = admins.filter((each) => each.subject !== user.subject);
  return { hash, admins: isAdmin ? [...others, user] : others };
}

/** Tells every service with the hook who administers it. Answers with the services that could not be told now. */
export async function tellAdmins(layout: Layout): Promise<string[]> {
  const services = existsSync(layout.services)
    ? readdirSync(layout.services).filter((service) => hookOf(layout, service, 'setAdmin'))
    : [];
  if (services.length === 0) return [];
  const names = [...new Set([...(await inLdap(layout, adminNames)), checkAccounts.admin])];
  const told = readTold(layout);
  const changed = services.filter((service) => !knows(told[service], currentHash(layout, service), names));
  // A stopped service is told when it is started: nothing to log, and nobody to ask about.
  const later = new Set(changed.filter((service) => isSwitchedOff(layout, service)));
  const reachable = changed.filter((service) => !later.has(service));
  if (reachable.length === 0) return [...later];
  const admin = await openKeycloak(runningKeycloak(layout));
  const admins: UserIdentity[] = [];
  for (const name of names) admins.push({ name, subject: await loginIdOf(admin, name) });
  for (const service of reachable) {
    const why = await tellService(layout, service, admins);
    if (why === undefined) continue;
    later.add(service);
    process.stderr.write(`${service}, setAdmin: ${why}\n`);
  }
  return changed.filter((service) => later.has(service));
}

/** Does a service know these, by the release that runs? */
export const knows = (told: Told | undefined, hash: string | null, names: string[]): boolean =>
  told?.hash === hash &&
  JSON.stringify(told?.admins.map(({ name }) => name).sort()) === JSON.stringify([...names].sort());

/** Undefined when it was told everything, else why not. */
async function tellService(
  layout: Layout,
  service: string,
  admins: UserIdentity[],
): Promise<string | undefined> {
  const running = releaseForHooks(layout, service);
  if ('reason' in running) return running.reason;
  const { hash } = running;
  const before = readTold(layout)[service];
  const events = adminEvents(before, hash, admins);
  const failures: string[] = [];
  let told: Told = { hash, admins: before?.admins ?? [] };
  for (const event of events) {
    const { failed, said } = await runHook(layout, { service, hash }, event);
    for (const sentence of said) process.stderr.write(`${service}: ${sentence}\n`);
    if (failed === undefined) told = afterEvent(told, event);
    else failures.push(`${event.user.name}: ${failed}`);
  }
  // Where something failed the release counts as untold, so all of it is told once more.
  keepTold(layout, service, failures.length > 0 ? { ...told, hash: '' } : { hash, admins });
  return failures.length > 0 ? failures.join('; ') : undefined;
}

/** Tells a release in trial who the check account of administrators is, before its login is checked. */
export async function tellCheckAdmin(layout: Layout, { service, userHooks }: Release): Promise<void> {
  const hash = currentHash(layout, service);
  if (!userHooks?.setAdmin || !hash) return;
  const name = checkAccounts.admin;
  const subject = await loginIdOf(await openKeycloak(runningKeycloak(layout)), name);
  const { failed } = await runHook(
    layout,
    { service, hash },
    { hook: 'setAdmin', user: { name, subject }, isAdmin: true },
  );
  if (failed !== undefined)
    throw new Error(`${service} did not take an administrator (hook setAdmin): ${failed}`);
}

const fileOf = (layout: Layout): string => join(layout.users, 'admins.json');

const readTold = (layout: Layout): Record<string, Told> => readJson(fileOf(layout)) ?? {};

const keepTold = (layout: Layout, service: string, told: Told): void =>
  writeJson(fileOf(layout), { ...readTold(layout), [service]: told });
