import { HavenCommand } from '../base-command.ts';
import { shareState, showPlan } from '../operate.ts';
import { renderPlan } from '../output/print-plan.ts';
import { Project } from '../project/project.ts';
import { openSession } from '../project/session.ts';

export default class Plan extends HavenCommand {
  static override summary =
    'Show what would change: server, DNS, certificates, services, money. Changes nothing.';
  static override description =
    'Looks at everything as it really is, compares it with haven.yaml, and shows the difference with what each change costs: what stops and for how long, data, euros a month. Exit code: 0 no change, 2 changes, 1 something is wrong.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  async run(): Promise<unknown> {
    await this.parse(Plan);
    const project = await Project.open();
    const session = await openSession(project);
    try {
      await shareState(project, session, (text) => this.log(text));
      const shown = await showPlan(project, session);
      this.log(renderPlan(shown));
      for (const each of shown.conflicts) {
        this.log(
          `  ! DNS ${each.key} is there already and not ours: ${each.existing.map((record) => `${record.type} ${record.content}`).join(', ')}.`,
        );
        this.log(`    "haven up" will ask for  --adopt "${each.key}"  or  --replace "${each.key}".`);
      }
      // What could not be asked is not "no change".
      process.exitCode = shown.lines.length > 0 ? 2 : shown.unverified.length > 0 ? 1 : 0;
      return shown;
    } finally {
      await session.close();
    }
  }
}
