import { Args } from '@oclif/core';
import { z } from 'zod';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import type { Entry } from '../../core/operations/entries.ts';
import { historyOf, type PastOperation } from '../../core/operations/history.ts';
import { HavenCommand } from '../base-command.ts';
import { localTime } from '../output/local-time.ts';
import { knownService } from '../project/known-service.ts';
import { Project } from '../project/project.ts';
import { agentOf } from '../project/server-link.ts';

export const output = z.array(
  z.strictObject({
    service: z.string(),
    op: z.string(),
    /** When it began, in UTC (RFC 3339). */
    at: z.string(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    /** The programs' own versions, where they are known. */
    versions: z.strictObject({ from: z.string().optional(), to: z.string().optional() }).optional(),
    /** What it was for; left out for a deploy. */
    task: z
      .union([
        z.strictObject({ kind: z.literal('backup'), why: z.enum(['nightly', 'asked', 'before-change']) }),
        z.strictObject({
          kind: z.literal('restore'),
          source: z.union([z.strictObject({ backup: z.string() }), z.strictObject({ snapshot: z.string() })]),
          at: z.string(),
        }),
      ])
      .optional(),
    /** Who asked for it, `user@machine`. */
    by: z.string().optional(),
    outcome: z.enum(['committed', 'undone', 'open']),
    /** What does not work although the change is over, or what keeps it from ending. */
    unwell: z.string().optional(),
    /** Who aborted it. */
    abortedBy: z.string().optional(),
    stoppedSeconds: z.number().optional(),
    why: z.string().optional(),
  }),
);

const outcomes: Record<PastOperation['outcome'], string> = {
  committed: 'done',
  undone: 'undone: the previous version and its data were restored',
  open: 'not finished',
};

export default class History extends HavenCommand {
  static override summary = 'List what was changed on the server, when, by whom, and how it ended.';
  static override description =
    'Times are in this cloud\'s time zone ("timeZone" in haven.yaml). The hash of a version, for "haven rollback --to", comes last.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> website',
  ];
  static override args = { service: Args.string({ description: 'Only this service.' }) };

  async run(): Promise<PastOperation[]> {
    const { args } = await this.parse(History);
    const project = await Project.open();
    // A service that was removed has a history too, so only the server knows all of them.
    const only = args.service === undefined ? undefined : knownService(project, args.service, 'history');
    const agent = await agentOf(project);
    const services = only ? [only] : (await agent.call<ServiceState[]>(['list'])).map((each) => each.service);
    const all: PastOperation[] = [];
    for (const service of services) all.push(...historyOf(await agent.call<Entry[]>(['history', service])));
    all.sort((a, b) => (a.at < b.at ? -1 : 1));
    // A backup that worked changed nothing.
    const changes = all.filter(({ task, outcome }) => task?.kind !== 'backup' || outcome !== 'committed');
    for (const each of changes) this.log(renderPast(each, project.config.timeZone));
    if (changes.length === 0) this.log('  Nothing was changed on the server yet.');
    return changes;
  }
}

/** One operation, as a person reads it. */
export function renderPast(past: PastOperation, timeZone: string): string {
  const stopped = past.stoppedSeconds === undefined ? '' : `, stopped for ${past.stoppedSeconds} s`;
  const aborted = past.abortedBy && `aborted by ${past.abortedBy}`;
  const unwell = past.unwell && `it does not work: ${past.unwell.split('\n')[0]}`;
  const stuck = past.outcome === 'open' && unwell && `to end it, run: haven operation abort ${past.service}`;
  const lines = [past.why?.split('\n')[0], aborted, unwell, stuck].filter(Boolean);
  const why = lines.map((each) => `\n      ${each}`).join('');
  const by = past.by === undefined ? '' : `, by ${past.by}`;
  const hashes = [past.from, past.to].filter((each, index, all) => each !== null && each !== all[index - 1]);
  const short = hashes.map((each) => each!.slice(0, 7)).join(' → ');
  return `  ${localTime(past.at, timeZone)}  ${past.service.padEnd(14)} ${changeOf(past).padEnd(24)} ${outcomes[past.outcome]}${stopped}${by}  (${short})${why}`;
}

/** `updated 1.25.4 → 1.25.5`: what changed, by the program's own versions where they are known. */
function changeOf({ from, to, versions = {}, task }: PastOperation): string {
  if (task?.kind === 'backup') return 'backed up';
  if (task?.kind === 'restore') return `restored to ${task.at.slice(0, 10)}`;
  const version = versions.to === undefined ? '' : ` ${versions.to}`;
  if (to === null) return 'removed';
  if (from === null) return `added${version}`;
  if (from === to) return `repeated${version}`;
  if (versions.from === undefined || versions.to === undefined) return 'changed';
  return versions.from === versions.to
    ? `settings changed${version}`
    : `updated ${versions.from} → ${versions.to}`;
}
