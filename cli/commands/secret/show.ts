import { confirm } from '@inquirer/prompts';
import { Args, Flags } from '@oclif/core';
import { ProblemsError } from '../../../core/problem.ts';
import { HavenCommand } from '../../base-command.ts';
import { Project } from '../../project/project.ts';

export default class SecretShow extends HavenCommand {
  static override enableJsonFlag = false;
  static override summary = 'Print the value of one secret. Asks first: it will stand on your screen.';
  static override examples = ['<%= config.bin %> <%= command.id %> hcloud-token'];
  static override args = { name: Args.string({ required: true, description: 'Its name.' }) };
  static override flags = { yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SecretShow);
    const { secrets } = await Project.open();
    const value = secrets.get(args.name);
    if (value === undefined)
      throw new ProblemsError([
        {
          where: 'secrets.age',
          what: `holds no "${args.name}".`,
          remedy: `There are: ${secrets.names().join(', ') || 'none'}`,
        },
      ]);
    if (
      !flags.yes &&
      process.stdout.isTTY &&
      !(await confirm({ message: 'Show it on this screen?', default: false }))
    )
      return;
    this.log(value);
  }
}
