import { Args } from '@oclif/core';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import type { Entry } from '../../core/operations/entries.ts';
import { historyOf, type PastOperation } from '../../core/operations/history.ts';
import { HavenCommand } from '../base-command.ts';
import { Project } from '../project/project.ts';
import { agentOf } from '../project/server-link.ts';

export default class History extends HavenCommand {
  static override summary = 'Tell what was changed on the server, when, and how it ended.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> website',
  ];
  static override args = { service: Args.string({ description: 'Only this service.' }) };

  async run(): Promise<PastOperation[]> {
    const { args } = await this.parse(History);
    const project = await Project.open();
    const agent = await agentOf(project);
    const services = args.service
      ? [args.service]
      : (await agent.call<ServiceState[]>(['list'])).map((each) => each.service);
    const all: PastOperation[] = [];
    for (const service of services) all.push(...historyOf(await agent.call<Entry[]>(['history', service])));
    all.sort((a, b) => (a.at < b.at ? -1 : 1));
    for (const each of all) {
      const change = `${each.from?.slice(0, 7) ?? '(none)'} → ${each.to?.slice(0, 7) ?? '(none)'}`;
      const stopped = each.stoppedSeconds === undefined ? '' : `, stopped for ${each.stoppedSeconds} s`;
      this.log(
        `  ${each.at.slice(0, 19).replace('T', ' ')}  ${each.service.padEnd(12)}  ${change.padEnd(19)}  ${each.outcome}${stopped}`,
      );
      if (each.why) this.log(`      ${each.why.split('\n')[0]}`);
    }
    return all;
  }
}
