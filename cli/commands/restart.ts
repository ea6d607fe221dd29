import { Args } from '@oclif/core';
import type { ServiceState } from '../../steward/read.ts';
import { HavenCommand } from '../base-command.ts';
import { chosenService } from '../chosen-service.ts';
import { Project } from '../project.ts';
import { stewardOf } from '../server-link.ts';

export default class Restart extends HavenCommand {
  static override summary = 'Stop a service and start it again.';
  static override description =
    'Its data and settings stay as they are. Whoever comes in between is told to come again.';
  static override examples = ['<%= config.bin %> <%= command.id %> gitea'];
  static override args = { service: Args.string({ description: 'Which service.' }) };

  async run(): Promise<ServiceState> {
    const { args } = await this.parse(Restart);
    const project = await Project.open();
    const service = chosenService(project, args.service, 'restart');
    const steward = await stewardOf(project);
    const state = await steward.call<ServiceState>(['switch', service, 'restart']);
    this.log(`  ${service} runs again.`);
    return state;
  }
}
