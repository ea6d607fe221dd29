import { HavenCommand } from '../base-command.ts';
import { Project } from '../project/project.ts';
import { openShell } from '../project/server-shell.ts';

export default class Ssh extends HavenCommand {
  static override enableJsonFlag = false;
  static override strict = false;
  static override summary = 'Open a shell on the server, or run one command there.';
  static override description =
    "With this cloud's own key, and only if the server answers with the host key that was made for it.";
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> uptime',
  ];

  async run(): Promise<void> {
    await this.parse(Ssh);
    // As it was typed: oclif sorts words that stand twice together.
    const command = this.argv[0] === '--' ? this.argv.slice(1) : this.argv;
    process.exitCode = await openShell(await Project.open(), command);
  }
}
