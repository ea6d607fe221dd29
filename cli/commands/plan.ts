import { ProblemsError } from '../../core/problem.ts';
import { HavenCommand } from '../base-command.ts';
import { renderPlan } from '../output/print-plan.ts';
import { showPlan } from '../output/show-plan.ts';
import { settleRemovals } from '../project/dns-takeover.ts';
import { Project } from '../project/project.ts';
import { openSession, type Session } from '../project/session.ts';
import { fromNewestState } from '../project/state-copy.ts';

export default class Plan extends HavenCommand {
  static override summary =
    'Show what would change: server, DNS, certificates, services, money. Changes nothing.';
  static override description =
    'Looks at everything as it really is, compares it with haven.yaml, and shows the difference with what each change costs: what stops and for how long, data, euros a month. Puts back a DNS record of yours that an interrupted "haven up" had removed; changes nothing else. Exit code: 0 no change, 2 changes, 1 something is wrong.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  async run(): Promise<unknown> {
    await this.parse(Plan);
    const project = await Project.open();
    const session = await openSession(project);
    try {
      const log = (text: string): void => this.log(text);
      const { shown } = await fromNewestState(project, session, log, async () => {
        await this.#putBackRecords(project, session);
        return showPlan(project, session);
      });
      this.log(renderPlan(shown));
      // What could not be asked is not "no change".
      const changes = shown.lines.length + shown.conflicts.length;
      process.exitCode = changes > 0 ? 2 : shown.unverified.length > 0 ? 1 : 0;
      return shown;
    } finally {
      await session.close();
    }
  }

  /** The one thing that a plan changes: an interrupted run must not cost an owner their record. */
  async #putBackRecords(project: Project, { environment }: Session): Promise<void> {
    const { putBack, problems } = await settleRemovals(project.directory, project.config.id, environment);
    for (const { name, type, content } of putBack)
      this.log(`  Your DNS record ${name} ${type} ${content} was put back: an earlier run was interrupted.`);
    if (problems.length > 0) throw new ProblemsError(problems);
  }
}
