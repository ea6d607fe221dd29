import { Args } from '@oclif/core';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import { HavenCommand } from '../base-command.ts';
import { serviceStateOutput } from '../output/schemas.ts';
import { chosenService } from '../project/chosen-service.ts';
import { Project } from '../project/project.ts';
import { switchService } from '../project/switch-service.ts';

export const output = serviceStateOutput;

export default class Restart extends HavenCommand {
  static override summary = 'Restart a service.';
  static override description =
    'Its data and settings are kept. Visitors see a "back in a moment" page meanwhile.';
  static override examples = ['<%= config.bin %> <%= command.id %> gitea'];
  static override args = { service: Args.string({ required: true, description: 'The service.' }) };

  async run(): Promise<ServiceState> {
    const { args } = await this.parse(Restart);
    const project = await Project.open();
    const state = await switchService(project, chosenService(project, args.service, 'restart'), 'restart');
    this.log(`  ${state.service} is running again.`);
    return state;
  }
}
