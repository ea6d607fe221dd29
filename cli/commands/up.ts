import { Flags } from '@oclif/core';
import { z } from 'zod';
import { ProblemsError } from '../../core/problem.ts';
import { ApplyPlan } from '../apply/apply-plan.ts';
import { HavenCommand } from '../base-command.ts';
import { Project } from '../project/project.ts';

export const output = z.strictObject({
  /** How many things were created, changed or removed. */
  changed: z.int(),
  /** The server's addresses, after a change. */
  addresses: z.record(z.string(), z.unknown()),
});

export default class Up extends HavenCommand {
  static override summary = 'Create or change the cloud to match haven.yaml. Shows the plan first, and asks.';
  static override description =
    'If a service fails to start, haven restores its previous version and its data. Ctrl-C ends cleanly; the next "haven up" continues where this one stopped.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --yes',
  ];
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask. For scripts.' }),
    'no-backups': Flags.boolean({ summary: 'Accept that this cloud makes no backups.' }),
    adopt: Flags.string({
      multiple: true,
      summary: 'Keep an existing DNS record and let haven manage it, by name and type: "www.example.org A".',
    }),
    replace: Flags.string({
      multiple: true,
      summary: 'Remove an existing DNS record and use its place, by name and type: "www.example.org CNAME".',
    }),
  };

  async run(): Promise<z.infer<typeof output>> {
    const { flags } = await this.parse(Up);
    if (this.jsonEnabled() && !flags.yes)
      throw new ProblemsError(
        [
          {
            where: 'haven up --json',
            what: 'would ask for your consent without showing the plan. Nothing was changed.',
            remedy: 'To see the plan, run: haven plan   To accept it, run: haven up --json --yes',
          },
        ],
        'declined',
      );
    const project = await Project.open();
    return new ApplyPlan(project, {
      command: 'haven up',
      mayAsk: this.mayAsk,
      yes: flags.yes,
      noBackups: flags['no-backups'],
      answers: { adopt: flags.adopt ?? [], replace: flags.replace ?? [] },
      log: (text) => this.log(text),
    }).run();
  }
}
