import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { providers, realm } from '../core/login.ts';
import { currentHash, writeDurably } from './bundle-store.ts';
import { openKeycloak, runningKeycloak } from './keycloak.ts';
import type { Layout } from './layout.ts';
import { endRescue, isPerson, lockedPeople, setPerson } from './people.ts';
import { retryErrands } from './people-hooks.ts';

/** What was true when both sides were last looked at. */
interface Seen {
  /** Names that were locked in the directory. */
  locked: string[];
  /** Until when the login's record of what administrators did was read (ISO 8601). */
  eventsUntil: string;
}

/**
 * Carries over who was switched off or on at one side alone: in the directory, or by an administrator in the login's own
 * console. Run every few seconds; what a command has carried over already is found as it should be.
 */
export async function mirrorPeople(layout: Layout): Promise<{ changed: string[] }> {
  if (!currentHash(layout, providers.login)) return { changed: [] };
  await retryErrands(layout);
  const file = join(layout.people, 'mirror.json');
  const began = new Date().toISOString();
  const locked = await lockedPeople(layout);
  const seen: Seen = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Seen)
    : { locked, eventsUntil: began };

  const wanted = new Map<string, boolean>();
  for (const name of locked) if (!seen.locked.includes(name)) wanted.set(name, false);
  for (const name of seen.locked) if (!locked.includes(name)) wanted.set(name, true);
  for (const [name, enabled] of await changedAtLogin(layout, seen.eventsUntil))
    if (enabled === locked.includes(name) && (await isPerson(layout, name))) wanted.set(name, enabled);

  for (const [name, enabled] of wanted) await setPerson(layout, name, enabled);
  const now = new Set(locked);
  for (const [name, enabled] of wanted) enabled ? now.delete(name) : now.add(name);
  const next: Seen = { locked: [...now].sort(), eventsUntil: began };
  writeDurably(file, `${JSON.stringify(next)}\n`, 0o600);
  return { changed: [...wanted.keys()] };
}

/** People whom an administrator changed at the login since then, with whether they may log in now. */
async function changedAtLogin(layout: Layout, since: string): Promise<[string, boolean][]> {
  const admin = await openKeycloak(runningKeycloak(layout));
  await endRescue(admin);
  const events = await adminEvents(admin, since);
  const ids = new Set(
    events.flatMap(({ resourcePath }) => /^users\/([0-9a-f-]{36})$/.exec(resourcePath ?? '')?.[1] ?? []),
  );
  const people: [string, boolean][] = [];
  for (const id of ids) {
    const user = await admin.users.findOne({ id });
    if (user?.username) people.push([user.username, user.enabled ?? true]);
  }
  return people;
}

/**
 * What administrators changed of people. Asked without the client's own method, which writes its date in a way that
 * Keycloak 26.5 doesn't read. A few seconds are read twice, so that none falls between.
 */
async function adminEvents(admin: KcAdminClient, since: string): Promise<{ resourcePath?: string }[]> {
  const query = new URLSearchParams({
    dateFrom: String(Date.parse(since) - 10_000),
    operationTypes: 'UPDATE',
    resourceTypes: 'USER',
    max: '1000',
  });
  const answer = await fetch(`${admin.baseUrl}/admin/realms/${realm}/admin-events?${query}`, {
    headers: { authorization: `Bearer ${await admin.getAccessToken()}` },
    signal: AbortSignal.timeout(15_000),
  });
  if (!answer.ok)
    throw new Error(`the login does not show its events: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { resourcePath?: string }[];
}
