import { Args, Flags } from '@oclif/core';
import type { z } from 'zod';
import type { MailLog as Answer } from '../../../agent/mail/read-mail-log.ts';
import { ProblemsError } from '../../../core/problem.ts';
import { HavenCommand } from '../../base-command.ts';
import { whileAsking } from '../../output/asking.ts';
import { renderTrails, trailsOutput } from '../../output/mail-trails.ts';
import { mailService } from '../../project/mail-service.ts';
import { Project } from '../../project/project.ts';
import { agentOf } from '../../project/server-link.ts';

export const output = trailsOutput;

export default class MailLog extends HavenCommand {
  static override summary = 'Show what happened to emails from or to an address.';
  static override description =
    'Each email with its way: accepted or refused and why, which mailbox or server it was delivered to, what it waits for. Shows no content of emails. Times are in this cloud\'s time zone ("timeZone" in haven.yaml).';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ada@example.org',
    '<%= config.bin %> <%= command.id %> shop@example.com --since 2h',
  ];
  static override args = {
    address: Args.string({ required: true, description: 'The address of the sender, or of a recipient.' }),
  };
  static override flags = {
    since: Flags.string({
      default: '7d',
      summary: 'How far to look back: minutes, hours or days, such as 30m, 2h or 7d.',
    }),
  };

  async run(): Promise<z.infer<typeof output>> {
    const { args, flags } = await this.parse(MailLog);
    const address = args.address.replace(/^<(.*)>$/, '$1');
    if (!/^[^\s<>@]+@[^\s<>@]+$/.test(address))
      throw new ProblemsError(
        [
          {
            where: args.address,
            what: 'is not a valid email address.',
            remedy: 'Example: haven mail log ada@example.org',
          },
        ],
        'usage',
      );
    const seconds = secondsOf(flags.since);
    if (seconds === undefined)
      throw new ProblemsError(
        [
          {
            where: '--since',
            what: `"${flags.since}" is not a number of minutes, hours or days.`,
            remedy: `Example: haven mail log ${address} --since 2h`,
          },
        ],
        'usage',
      );
    const project = await Project.open();
    const service = mailService(project);
    const agent = await agentOf(project);
    const { trails: emails, left } = await whileAsking('the server', () =>
      agent.call<Answer>(['mail-log', service, address, String(seconds)]),
    );
    const { timeZone } = project.config;
    this.log(renderTrails({ emails, left }, { address, since: flags.since, timeZone }));
    return { emails, left };
  }
}

const units: Record<string, number> = { m: 60, h: 3600, d: 86_400 };

/** `2h` in seconds; undefined where it is not such a time. */
function secondsOf(text: string): number | undefined {
  const [, number, unit] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? [];
  return number && unit ? Number(number) * units[unit]! : undefined;
}
