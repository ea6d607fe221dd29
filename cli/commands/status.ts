import { styleText } from 'node:util';
import { Flags } from '@oclif/core';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import { clockGap, describeClockGap } from '../../core/clock.ts';
import { HavenCommand } from '../base-command.ts';
import { lookAtServices, type ServiceStatus, tryLogins, trySending } from '../health/look-at-services.ts';
import { Project } from '../project/project.ts';
import { agentOf } from '../project/server-link.ts';

export default class Status extends HavenCommand {
  static override summary =
    'Ask each service through the reverse proxy, as a visitor would, and show what it answered.';
  static override description = 'Exit code: 0 all is well, 1 something is not.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  static override flags = {
    logins: Flags.boolean({
      summary: 'Log in to each service, too: as a user, an administrator and a stranger.',
    }),
  };

  async run(): Promise<ServiceStatus[]> {
    const { flags } = await this.parse(Status);
    const project = await Project.open();
    const agent = await agentOf(project);
    const asked = Date.now();
    const { now } = await agent.call<{ now: number }>(['clock']);
    const gap = clockGap(asked, now, Date.now());
    const all = await lookAtServices(project.plan(), await agent.call<ServiceState[]>(['list']));
    all.push(...(await trySending(project, agent)));
    if (flags.logins) all.push(...(await tryLogins(agent)));
    if (gap !== undefined) all.push({ service: 'clock', good: false, evidence: describeClockGap(gap) });
    for (const each of all) {
      const mark = each.good ? styleText('green', '✔') : styleText('red', '✖');
      this.log(`  ${mark} ${each.service.padEnd(12)} ${each.evidence}`);
    }
    if (all.some((each) => !each.good)) process.exitCode = 1;
    return all;
  }
}
