import { Args, Flags } from '@oclif/core';
import { z } from 'zod';
import { ProblemsError } from '../../../core/problem.ts';
import { HavenCommand } from '../../base-command.ts';
import { mustAgree } from '../../output/consent.ts';
import { terminal } from '../../output/terminal.ts';
import { Project } from '../../project/project.ts';

export const output = z.strictObject({ name: z.string(), value: z.string() });

export default class SecretShow extends HavenCommand {
  static override summary = 'Print the value of a secret.';
  static override description = 'Asks before it shows the value on a screen; a pipe gets it at once.';
  static override examples = ['<%= config.bin %> <%= command.id %> hcloud-token'];
  static override args = { name: Args.string({ required: true, description: 'The name of the secret.' }) };
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask. For scripts.' }),
  };

  async run(): Promise<z.infer<typeof output>> {
    const { args, flags } = await this.parse(SecretShow);
    const { name } = args;
    const { secrets } = await Project.open();
    const value = secrets.get(name);
    if (value === undefined)
      throw new ProblemsError(
        [
          {
            where: 'secrets.age',
            what: `holds no secret "${name}".`,
            remedy: `There are: ${secrets.names().join(', ') || 'none'}.`,
          },
        ],
        'usage',
      );
    const what = `This shows ${name} on your screen.`;
    if (terminal.isScreen())
      await mustAgree({ command: `haven secret show ${name}`, what, mayAsk: this.mayAsk }, flags.yes);
    this.log(value);
    return { name, value };
  }
}
