import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ApiError } from '../components/api-call.ts';
import { CloudflareHost } from '../components/dns-provider.ts';
import { HetznerApi } from '../components/hetzner-api.ts';
import { recordKey, recordMark } from '../components/record.ts';
import { type DnsConflict, dnsConflicts, renderZoneFile } from '../core/dns/conflicts.ts';
import { type MonthlyCost, monthlyCost, type Pricing } from '../core/plan/cost.ts';
import { type ChangeLine, describeChange } from '../core/plan/describe-change.ts';
import type { Plan } from '../core/plan/plan.ts';
import { inReadingOrder } from '../core/plan/reading-order.ts';
import { ProblemsError } from '../core/problem.ts';
import { remedyFor } from '../core/remedies.ts';
import type { EngineResult } from '../stacks/engine.ts';
import type { ShownPlan } from './output/print-plan.ts';
import type { Project } from './project/project.ts';
import { findAgent } from './project/server-link.ts';
import type { Session } from './project/session.ts';
import { takeNewerState } from './project/state-copy.ts';

/** Looks whether the server has a copy of the state that is newer than ours, and takes it. */
export async function shareState(
  project: Project,
  session: Session,
  log: (text: string) => void,
): Promise<void> {
  const taken = await takeNewerState(project, session.engine, await findAgent(project, 3000));
  if (taken)
    log(
      `  The state of this cloud was taken from its server (copy ${taken}): it was changed from elsewhere.`,
    );
}

/** Everything that a plan shows, worked out from one preview of the engine. */
export async function showPlan(
  project: Project,
  session: Session,
): Promise<ShownPlan & { conflicts: DnsConflict[] }> {
  clearStaleLock(project);
  const result = await session.engine.preview();
  refuseErrors(result);
  const zones = await lookAtZones(session.plan, session.environment);
  return {
    domain: session.plan.haven.domain,
    isSandbox: project.isSandbox,
    stubs: project.stubs,
    lines: linesOf(result, session),
    kept: result.changes.filter((each) => each.kind === 'keep').length,
    cost: await costOf(session.plan, session.environment),
    unverified: session.run.unverified(),
    foreign: zones.foreign,
    conflicts: zones.conflicts,
  };
}

/** Throws what the engine or a provider said was wrong, each once, without the engine's own frame around it. */
export function refuseErrors(result: EngineResult): void {
  if (result.errors.length === 0) return;
  throw new ProblemsError(result.errors.map((what) => ({ where: 'haven', what, remedy: remedyFor(what) })));
}

function linesOf(result: EngineResult, session: Session): ChangeLine[] {
  const changes = result.changes.filter((each) => each.kind !== 'keep');
  return inReadingOrder(changes.map((change) => describeChange(change, session.plan)));
}

async function lookAtZones(
  plan: Plan,
  environment: Record<string, string>,
): Promise<{ foreign: number; conflicts: DnsConflict[] }> {
  const host = new CloudflareHost(environment);
  const mark = recordMark(plan.haven.id);
  let foreign = 0;
  const conflicts: DnsConflict[] = [];
  for (const zone of plan.zones.filter((each) => each.dns === 'cloudflare')) {
    const records = await host.records(zone.name);
    foreign += records.filter((each) => each.comment !== mark).length;
    conflicts.push(...dnsConflicts(plan, zone.name, records, mark));
  }
  return { foreign, conflicts };
}

/** Prices from the provider, now. Without an answer there is no figure, rather than an old one. */
async function costOf(plan: Plan, environment: Record<string, string>): Promise<MonthlyCost | undefined> {
  try {
    const { pricing } = await new HetznerApi(environment).call<{ pricing: Pricing }>('GET', '/pricing');
    return monthlyCost(plan, pricing);
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

/** Keeps each zone as it was before our first change. Written once; never overwritten. */
export async function keepZones(
  project: Project,
  plan: Plan,
  environment: Record<string, string>,
): Promise<void> {
  const host = new CloudflareHost(environment);
  for (const zone of plan.zones.filter((each) => each.dns === 'cloudflare')) {
    const file = join(project.directory, 'before.zone', `${zone.name}.zone`);
    if (existsSync(file)) continue;
    const records = (await host.records(zone.name)).filter(
      (each) => each.comment !== recordMark(plan.haven.id),
    );
    mkdirSync(join(project.directory, 'before.zone'), { recursive: true });
    writeFileSync(file, renderZoneFile(zone.name, records, new Date().toISOString()));
  }
}

/** What an owner said yes to, by name: records that become ours as they are, and records that make way. */
export interface ConflictAnswers {
  adopt: string[];
  replace: string[];
}

/** Throws unless each conflict has a named answer. */
export function refuseOpenConflicts(conflicts: DnsConflict[], answers: ConflictAnswers): void {
  const open = conflicts.filter(
    (each) => !answers.adopt.includes(each.key) && !answers.replace.includes(each.key),
  );
  if (open.length === 0) return;
  throw new ProblemsError(
    open.map((each) => ({
      where: `DNS ${each.key}`,
      what: `is there already and not ours: ${each.existing.map((record) => `${record.type} ${record.content}`).join(', ')}. Nothing was changed.`,
      remedy: `To take it over, type: haven up --adopt "${each.key}"   To replace it: haven up --replace "${each.key}"`,
    })),
  );
}

/** Carries the answers out; answers with what the engine shall import. */
export async function settleConflicts(
  plan: Plan,
  conflicts: DnsConflict[],
  answers: ConflictAnswers,
  environment: Record<string, string>,
): Promise<Record<string, string>> {
  const host = new CloudflareHost(environment);
  const adopted: Record<string, string> = {};
  for (const { zone, key, existing } of conflicts) {
    const [name, type] = key.split(' ') as [string, string];
    const same = existing.filter((each) => each.type === type);
    const keep = answers.adopt.includes(key) ? same[0] : undefined;
    if (keep) adopted[recordKey({ name, type })] = await host.adopt(zone, keep, recordMark(plan.haven.id));
    for (const record of existing) if (record !== keep) await host.remove(zone, record);
  }
  return adopted;
}

/** A lock of a run that was killed on this very machine; any other is somebody's who is at work. */
export function clearStaleLock(project: Project): void {
  const folder = join(project.stateFolder, '.pulumi', 'locks');
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue;
    const file = join(name.parentPath, name.name);
    const lock = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; hostname: string };
    if (lock.hostname === hostname() && !isEngine(lock.pid)) rmSync(file);
  }
}

function isEngine(pid: number): boolean {
  try {
    // Empty for a process that has ended and that nobody has asked for its status yet (proc_pid_cmdline(5)).
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('pulumi');
  } catch {
    return false;
  }
}
