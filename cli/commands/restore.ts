import { Args, Flags } from '@oclif/core';
import { z } from 'zod';
import type { RestoreOrder } from '../../agent/operations/restore-service.ts';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import type { AgentLink } from '../../components/provider/agent-link.ts';
import type { Backup } from '../../core/backups/backup.ts';
import { chooseBackup } from '../../core/backups/choose-backup.ts';
import type { LockClaim } from '../../core/operations/deploy-lock.ts';
import type { Entry, RestoreTask } from '../../core/operations/entries.ts';
import { lastRestore } from '../../core/operations/history.ts';
import { protocol } from '../../core/operations/protocol.ts';
import { whyNotRestored } from '../../core/operations/why-not-restored.ts';
import { ProblemsError } from '../../core/problem.ts';
import { newOperationId } from '../../system/new-operation-id.ts';
import { thisUser } from '../../system/this-user.ts';
import { HavenCommand } from '../base-command.ts';
import { mustAgree } from '../output/consent.ts';
import { localTime } from '../output/local-time.ts';
import { OperationSteps } from '../output/operation-steps.ts';
import { openWithBackups } from '../project/backup-link.ts';
import { chosenService } from '../project/chosen-service.ts';
import { Project } from '../project/project.ts';
import { agentOf } from '../project/server-link.ts';

export const output = z.strictObject({
  service: z.string(),
  /** The moment whose data is there now, in UTC (RFC 3339). */
  at: z.string(),
  /** The id of the backup; null with `--undo`. */
  backup: z.string().nullable(),
  /** How long the service could not be reached. */
  stoppedSeconds: z.int().nullable(),
});
type Output = z.infer<typeof output>;

export default class Restore extends HavenCommand {
  static override summary = "Bring a service's data back from a backup.";
  static override description =
    'The program stays the version that runs now. First the data is fetched, while the service still runs; then it stops for as long as it takes to put the data in its place and to start. If it does not work with that data, the restore is undone. What was there before is kept on the server: "--undo" brings it back.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> gitea',
    '<%= config.bin %> <%= command.id %> gitea --at "2026-11-28 03:30"',
    '<%= config.bin %> <%= command.id %> gitea --undo',
  ];
  static override args = { service: Args.string({ required: true, description: 'The service.' }) };
  static override flags = {
    at: Flags.string({
      summary: 'The newest backup at or before this time, such as "2026-11-28 03:30". Default: the newest.',
      exclusive: ['undo'],
    }),
    undo: Flags.boolean({ summary: 'Bring back what was there before the last restore.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask. For scripts.' }),
  };

  async run(): Promise<Output> {
    const { args, flags } = await this.parse(Restore);
    const project = await (flags.undo ? Project.open() : openWithBackups('restore'));
    const service = chosenService(project, args.service, 'restore');
    const agent = await agentOf(project);
    const { timeZone } = project.config;
    const chosen = flags.undo
      ? await replacedData(agent, service)
      : await chosenBackup(agent, { service, at: flags.at, timeZone });
    const { task } = chosen;
    const when = localTime(task.at, timeZone);
    const words = [
      `This replaces the data of ${service} with that of ${when}.`,
      `What was saved in ${service} since then is gone from it, and is kept on the server until the next restore (haven restore ${service} --undo).`,
      `${service} can't be reached for about a minute.`,
    ].join(' ');
    const command = `haven restore ${service}${flags.undo ? ' --undo' : ''}${flags.at ? ` --at "${flags.at}"` : ''}`;
    await mustAgree({ command, what: words, mayAsk: this.mayAsk }, flags.yes);
    const { entries, state } = await carryOut(agent, service, task);
    const finished = entries.findLast((each) => each.entry === 'finished');
    if (finished?.entry !== 'finished' || finished.outcome !== 'committed')
      throw new ProblemsError([
        {
          where: command,
          what: whyNotRestored(service, entries),
          remedy: `To see its log, run: haven logs ${service}`,
        },
      ]);
    const stopped =
      state.stoppedSeconds === null ? '' : ` It could not be reached for ${state.stoppedSeconds} s.`;
    this.log(`  ${service} has the data of ${when}.${stopped}`);
    this.log(`  To bring back what was there before, run: haven restore ${service} --undo`);
    return { service, at: task.at, backup: chosen.backup, stoppedSeconds: state.stoppedSeconds };
  }
}

/** What is restored, and the backup that it comes from. */
interface Chosen {
  task: RestoreTask;
  backup: string | null;
}

async function chosenBackup(
  agent: AgentLink,
  choice: { service: string; at: string | undefined; timeZone: string },
): Promise<Chosen> {
  const backups = await agent.call<Backup[]>(['backup-list', choice.service]);
  const chosen = chooseBackup(backups, choice);
  if ('problem' in chosen) throw new ProblemsError([chosen.problem]);
  const { id, at } = chosen.backup;
  return { task: { kind: 'restore', source: { backup: id }, at }, backup: id };
}

/** What was there before the last restore, in the snapshot that its operation took. */
async function replacedData(agent: AgentLink, service: string): Promise<Chosen> {
  const last = lastRestore(await agent.call<Entry[]>(['history', service]));
  if (last)
    return {
      task: { kind: 'restore', source: { snapshot: last.op }, at: last.at },
      backup: null,
    };
  throw new ProblemsError([
    {
      where: `haven restore ${service} --undo`,
      what: `${service} was never restored, so there is nothing to undo.`,
      remedy: `To see its backups, run: haven backup list ${service}`,
    },
  ]);
}

/** Under a deploy lock of its own, which is released at the end. */
async function carryOut(
  agent: AgentLink,
  service: string,
  task: RestoreTask,
): Promise<{ entries: Entry[]; state: ServiceState }> {
  const id = newOperationId();
  const claim: LockClaim = { run: id, holder: thisUser(), speaks: protocol, state: null, agent: null };
  const order: RestoreOrder = { id, service, task, claim };
  const steps = new OperationSteps();
  try {
    const state = await agent.call<ServiceState>(['restore'], JSON.stringify(order), steps.onLine);
    return { entries: steps.entries, state };
  } finally {
    steps.end();
    await agent.call(['deploy-lock-release', id]);
  }
}
