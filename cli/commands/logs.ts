import { Args, Flags } from '@oclif/core';
import { connect, execute } from '../../system/ssh.ts';
import { HavenCommand } from '../base-command.ts';
import { Project } from '../project/project.ts';
import { serverAddress } from '../project/server-link.ts';

export default class Logs extends HavenCommand {
  static override enableJsonFlag = false;
  static override summary = 'Show the newest lines of a service, its secrets taken out.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> website',
    '<%= config.bin %> <%= command.id %> website --lines 500',
  ];
  static override args = { service: Args.string({ required: true, description: 'Which service.' }) };
  static override flags = {
    lines: Flags.integer({ char: 'n', default: 100, min: 1, max: 10_000, summary: 'How many.' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Logs);
    const project = await Project.open();
    const { sshKey, hostKey } = await project.keys();
    const client = await connect(
      {
        host: await serverAddress(project),
        user: 'haven',
        privateKey: sshKey.private,
        hostKey: hostKey.public,
      },
      8000,
    );
    try {
      const service = args.service.replaceAll(/[^a-z0-9-]/g, '');
      const result = await execute(client, `sudo /usr/local/bin/haven-agent logs ${service} ${flags.lines}`);
      if (result.code !== 0) this.error(result.stderr.trim());
      this.log(result.stdout.trimEnd());
    } finally {
      client.end();
    }
  }
}
