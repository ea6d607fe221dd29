import { Args } from '@oclif/core';
import type { ServiceState } from '../../steward/read.ts';
import { HavenCommand } from '../base-command.ts';
import { chosenService } from '../chosen-service.ts';
import { Project } from '../project.ts';
import { stewardOf } from '../server-link.ts';

export default class Start extends HavenCommand {
  static override summary = 'Switch a service on again.';
  static override description = 'After "haven stop". A service that runs already stays as it is.';
  static override examples = ['<%= config.bin %> <%= command.id %> gitea'];
  static override args = { service: Args.string({ description: 'Which service.' }) };

  async run(): Promise<ServiceState> {
    const { args } = await this.parse(Start);
    const project = await Project.open();
    const service = chosenService(project, args.service, 'start');
    const steward = await stewardOf(project);
    const state = await steward.call<ServiceState>(['switch', service, 'on']);
    this.log(`  ${service} runs.`);
    return state;
  }
}
