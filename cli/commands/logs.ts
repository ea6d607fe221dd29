import { Args, Flags } from '@oclif/core';
import { z } from 'zod';
import { AgentRefusal, Unreachable } from '../../components/provider/agent-link.ts';
import { connect, execute, NoConnection } from '../../system/ssh.ts';
import { HavenCommand } from '../base-command.ts';
import { terminal } from '../output/terminal.ts';
import { chosenService } from '../project/chosen-service.ts';
import { Project } from '../project/project.ts';
import { serverAddress, serverLimits, sshPort } from '../project/server-link.ts';

export const output = z.strictObject({ service: z.string(), lines: z.array(z.string()) });

export default class Logs extends HavenCommand {
  static override summary = "Show a service's latest log lines, with secrets redacted.";
  static override examples = [
    '<%= config.bin %> <%= command.id %> website',
    '<%= config.bin %> <%= command.id %> website --lines 500',
  ];
  static override args = { service: Args.string({ required: true, description: 'The service.' }) };
  static override flags = {
    lines: Flags.integer({ char: 'n', default: 100, min: 1, max: 10_000, summary: 'How many lines.' }),
  };

  async run(): Promise<z.infer<typeof output>> {
    const { args, flags } = await this.parse(Logs);
    const project = await Project.open();
    const service = chosenService(project, args.service, 'logs');
    const text = await readLogs(project, service, flags.lines);
    // As they are: `log` writes our own sentences.
    if (!this.jsonEnabled()) terminal.write(`${text.trimEnd()}\n`);
    return { service, lines: text.trimEnd().split('\n') };
  }
}

/** The agent answers with the lines as they are, not in JSON. */
async function readLogs(project: Project, service: string, lines: number): Promise<string> {
  const { sshKey, hostKey } = await project.keys();
  const target = {
    host: await serverAddress(project),
    user: 'haven',
    privateKey: sshKey.private,
    hostKey: hostKey.public,
    port: sshPort(),
  };
  const client = await connect(target, serverLimits.patienceMs).catch((error: unknown) => {
    throw error instanceof NoConnection ? new Unreachable(error.message, error.remedy) : error;
  });
  try {
    const result = await execute(client, `sudo /usr/local/bin/haven-agent logs ${service} ${lines}`);
    if (result.code !== 0) throw new AgentRefusal(result.stderr.trim());
    return result.stdout;
  } finally {
    client.end();
  }
}
