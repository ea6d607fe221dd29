import { setTimeout as sleep } from 'node:timers/promises';
import { unfinished } from '../../core/operations/transaction.ts';
import { renderServerFirewall, serverTables } from '../../core/release/server-firewall.ts';
import { RunError, run, tryRun } from '../../system/run.ts';
import { damageOf } from '../store/damage.ts';
import { readJournal } from '../store/journal.ts';
import type { Layout } from '../store/layout.ts';
import { checkUid } from './as-checker.ts';
import {
  knownServices,
  type ServiceInMaintenance,
  servicesInMaintenance,
  trialOf,
} from './services-in-maintenance.ts';

const timeoutMs = 30_000;

/** Loads all tables of the agent, in one transaction. Nothing else is touched. */
export async function loadFirewall(inMaintenance: ServiceInMaintenance[]): Promise<void> {
  await run('nft', ['-f', '-'], { input: rulesFor(inMaintenance), timeoutMs });
}

const rulesFor = (inMaintenance: ServiceInMaintenance[]): string =>
  renderServerFirewall(trialOf(inMaintenance, checkUid));

/** An operation writes its journal first, and then the tables, once the reverse proxy has confirmed the states. */
const settleMs = 5000;

/**
 * Which tables are not as the journals say, for people to read. The kernel is asked what it has. While an operation is
 * open both may change between two questions, so a difference counts only if it lasts.
 */
export async function lookAtFirewall(layout: Layout): Promise<string[]> {
  const end = Date.now() + settleMs;
  for (let looks = 1; ; looks++) {
    const differing = await compareTables(servicesInMaintenance(layout));
    const isSettled = looks > 1 && !isAnyOpen(layout);
    if (differing.length === 0 || isSettled || Date.now() > end) return differing;
    await sleep(250);
  }
}

async function compareTables(inMaintenance: ServiceInMaintenance[]): Promise<string[]> {
  const [wanted, seen] = await Promise.all([
    listingsOf(rulesFor(inMaintenance)),
    Promise.all(serverTables.map(listTable)),
  ]);
  return serverTables.flatMap((table, index) => tableProblem(table, wanted[index], seen[index]) ?? []);
}

/** What is wrong with a table, by what `nft` lists of it. */
export function tableProblem(
  table: string,
  wanted: string | undefined,
  seen: string | undefined,
): string | undefined {
  if (seen === undefined) return `firewall table ${table} (missing)`;
  return seen === wanted ? undefined : `firewall table ${table}`;
}

/**
 * How the kernel lists these rules. They are loaded where they apply to nothing: in a network namespace that ends with
 * the command. Both sides of a comparison are then written by the same program.
 */
async function listingsOf(rules: string): Promise<string[]> {
  const list = serverTables.map((table) => `nft --stateless list table inet ${table} && echo '${mark}'`);
  const script = ['nft -f -', ...list].join(' && ');
  const { stdout } = await run('unshare', ['--net', 'sh', '-c', script], { input: rules, timeoutMs });
  return stdout.split(`${mark}\n`);
}

const mark = '--';

/** Undefined where the kernel has no such table. */
async function listTable(table: string): Promise<string | undefined> {
  const listed = await tryRun('nft', ['--stateless', 'list', 'table', 'inet', table], { timeoutMs });
  if (listed.code === 0) return listed.stdout;
  if (/No such file or directory/.test(listed.stderr)) return undefined;
  throw new RunError(`nft list table inet ${table}`, listed);
}

const isAnyOpen = (layout: Layout): boolean =>
  knownServices(layout).some(
    (service) =>
      damageOf(layout, service) === undefined && unfinished(readJournal(layout.journal(service))).length > 0,
  );
