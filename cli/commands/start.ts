import { Args } from '@oclif/core';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import { HavenCommand } from '../base-command.ts';
import { serviceStateOutput } from '../output/schemas.ts';
import { chosenService } from '../project/chosen-service.ts';
import { Project } from '../project/project.ts';
import { switchService } from '../project/switch-service.ts';

export const output = serviceStateOutput;

export default class Start extends HavenCommand {
  static override summary = 'Start a service that "haven stop" stopped.';
  static override description = 'A service that runs is left unchanged.';
  static override examples = ['<%= config.bin %> <%= command.id %> gitea'];
  static override args = { service: Args.string({ required: true, description: 'The service.' }) };

  async run(): Promise<ServiceState> {
    const { args } = await this.parse(Start);
    const project = await Project.open();
    const state = await switchService(project, chosenService(project, args.service, 'start'), 'on');
    this.log(`  ${state.service} is running.`);
    return state;
  }
}
