import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Release } from '../../core/release/release.ts';
import { isCheckAccount } from '../../core/users/check-accounts.ts';
import { openKeycloak, runningKeycloak } from '../effects/keycloak.ts';
import { inLdap } from '../effects/ldap.ts';
import { type LdapAccount, listAccounts } from '../effects/ldap-users.ts';
import { findLoginId } from '../effects/login-users.ts';
import { currentHash } from '../store/bundle-store.ts';
import { readJson, writeJson } from '../store/json-file.ts';
import type { Layout } from '../store/layout.ts';
import { isSwitchedOff, releaseForHooks } from '../store/running.ts';
import { addHookOf, runStep } from './run-hook.ts';
import { afterTelling, reasonsById, type ToldAccounts, textOf, untold } from './told-accounts.ts';

/**
 * In some programs users can take names: in Gitea, anyone who creates an organization "ada" has that name before Ada comes.
 * So the agent creates each user's account there (hook `add`), as soon as the user or the service exists. Like the
 * administrators (service-admins.ts) this does not depend on events: what each service was told last is stored, and
 * compared with LDAP after each command and by the timer.
 */

/** Users per run of the hook, so that each run ends in time. */
const perRun = 100;

/** Tells every service with the hook which users there are. Answers with what could not be done, as sentences. */
export async function tellAccounts(layout: Layout): Promise<string[]> {
  const services = existsSync(layout.services)
    ? readdirSync(layout.services).filter((service) => addHookOf(layout, service))
    : [];
  // A stopped service is told when it is started.
  const awake = services.filter((service) => !isSwitchedOff(layout, service));
  if (awake.length === 0) return [];
  const accounts = await inLdap(layout, listAccounts);
  const notes: string[] = [];
  for (const service of awake) {
    const running = releaseForHooks(layout, service);
    if ('reason' in running) continue;
    const { refused, failed } = await tellService(layout, service, running.hash, accounts);
    notes.push(
      ...refused.map(
        ({ name, reason }) => `${service} has no account for ${name} as it should be: ${reason}.`,
      ),
    );
    if (failed === undefined) continue;
    process.stderr.write(`${service}, add: ${failed}\n`);
    notes.push(`${service} does not know of all users yet, and will be told again: ${failed}`);
  }
  return notes;
}

/**
 * Tells a release in trial which users there are, before anyone can reach it. Fails if the hook fails or if an account of
 * the login checks is refused. Users who are refused are in the agent's log, and {@link tellAccounts} tries them again.
 */
export async function tellAccountsInTrial(layout: Layout, { service }: Release): Promise<void> {
  const hash = currentHash(layout, service);
  if (!hash || !addHookOf(layout, service)) return;
  const accounts = await inLdap(layout, listAccounts);
  const { refused, failed } = await tellService(layout, service, hash, accounts);
  const check = refused.find(({ name }) => isCheckAccount(name));
  const why = failed ?? (check && `${check.name}: ${check.reason}`);
  if (why !== undefined)
    throw new Error(`${service} did not create the accounts of users (hook add): ${why}`);
}

interface Answer {
  refused: { name: string; reason: string }[];
  /** Why the hook failed, if it did. */
  failed?: string;
}

async function tellService(
  layout: Layout,
  service: string,
  hash: string,
  accounts: LdapAccount[],
): Promise<Answer> {
  const due = untold(readTold(layout)[service], hash, accounts, new Date());
  const hook = addHookOf(layout, service);
  if (!hook || due.length === 0) return { refused: [] };
  const admin = await openKeycloak(runningKeycloak(layout));
  const refused: Answer['refused'] = [];
  for (let from = 0; from < due.length; from += perRun) {
    const told = due.slice(from, from + perRun);
    const bySubject = new Map<string, LdapAccount>();
    const unknown: LdapAccount[] = [];
    for (const account of told) {
      const subject = await findLoginId(admin, account.name);
      if (subject === undefined) unknown.push(account);
      else bySubject.set(subject, account);
    }
    const input = [...bySubject].map(([subject, account]) => `${subject}\t${textOf(account)}\n`).join('');
    const done = await runStep(layout, { service, hash }, hook, { input });
    if ('failed' in done) return { refused, failed: done.failed };
    const reasons = reasonsById(done.printed, bySubject);
    for (const { id } of unknown) reasons.set(id, 'the login does not know them. See: haven logs keycloak');
    const before = readTold(layout)[service];
    keepTold(layout, service, afterTelling(before, { hash, accounts, told, reasons, now: new Date() }));
    for (const { id, name } of told) {
      const reason = reasons.get(id);
      if (reason === undefined) continue;
      refused.push({ name, reason });
      if (before?.refused[id]?.reason !== reason)
        process.stderr.write(`${service}, add ${name}: ${reason}\n`);
    }
  }
  return { refused };
}

const fileOf = (layout: Layout): string => join(layout.users, 'accounts.json');

const readTold = (layout: Layout): Record<string, ToldAccounts> => readJson(fileOf(layout)) ?? {};

const keepTold = (layout: Layout, service: string, told: ToldAccounts): void =>
  writeJson(fileOf(layout), { ...readTold(layout), [service]: told });
