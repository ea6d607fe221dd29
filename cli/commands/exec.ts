import { Args, Flags } from '@oclif/core';
import { ProblemsError } from '../../core/problem.ts';
import { quoted } from '../../system/ssh.ts';
import { HavenCommand } from '../base-command.ts';
import { chosenService } from '../project/chosen-service.ts';
import { Project } from '../project/project.ts';
import { openShell } from '../project/server-shell.ts';

export default class Exec extends HavenCommand {
  static override enableJsonFlag = false;
  static override summary =
    'Run a command in a container of a service: its own administration tool, or a shell.';
  static override description =
    'Put the command after "--". Input, output and exit code are the command\'s own, so it can be piped.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> gitea -- gitea admin user list',
    '<%= config.bin %> <%= command.id %> gitea -- bash',
    '<%= config.bin %> <%= command.id %> gitea --container db -- psql -U postgres gitea',
  ];
  static override args = { service: Args.string({ required: true, description: 'The service.' }) };
  static override flags = {
    container: Flags.string({ default: '-', summary: 'One of its containers. Default ("-"): the main one.' }),
  };

  async run(): Promise<void> {
    // oclif sorts words that occur twice together; what is not ours is kept from it.
    const end = this.argv.indexOf('--');
    const command = end < 0 ? [] : this.argv.slice(end + 1);
    const { args, flags } = await this.parse(Exec, end < 0 ? this.argv : this.argv.slice(0, end));
    const project = await Project.open();
    const service = chosenService(project, args.service, 'exec');
    if (command.length === 0)
      throw new ProblemsError(
        [
          {
            where: `haven exec ${service}`,
            what: 'the command is missing.',
            remedy: `Put it after "--", for example: haven exec ${service} -- ls`,
          },
        ],
        'usage',
      );
    const line = ['sudo', '/usr/local/bin/haven-agent', 'exec', service, flags.container, ...command];
    const terminal = Boolean(process.stdin.isTTY && process.stdout.isTTY);
    process.exitCode = await openShell(project, [line.map(quoted).join(' ')], terminal);
  }
}
