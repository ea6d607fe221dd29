import { HavenCommand } from '../base-command.ts';
import { Project } from '../project/project.ts';
import { openShell } from '../project/server-shell.ts';

export default class Ssh extends HavenCommand {
  static override enableJsonFlag = false;
  static override strict = false;
  static override summary = 'Open a shell on the server, or run one command there.';
  static override description =
    "With this cloud's own key, and only if the server shows the host key that was made for it.";
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> uptime',
  ];

  async run(): Promise<void> {
    // All of it is the command on the server, flags too; and as it was typed: oclif sorts words that occur twice together.
    const typed = this.argv;
    await this.parse(Ssh, []);
    const command = typed[0] === '--' ? typed.slice(1) : typed;
    process.exitCode = await openShell(await Project.open(), command);
  }
}
