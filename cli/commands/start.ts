import { Args } from '@oclif/core';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import { HavenCommand } from '../base-command.ts';
import { switchService } from '../project/switch-service.ts';

export default class Start extends HavenCommand {
  static override summary = 'Switch a service on again.';
  static override description = 'After "haven stop". A service that runs already stays as it is.';
  static override examples = ['<%= config.bin %> <%= command.id %> gitea'];
  static override args = { service: Args.string({ description: 'Which service.' }) };

  async run(): Promise<ServiceState> {
    const { args } = await this.parse(Start);
    const state = await switchService(args.service, 'start', 'on');
    this.log(`  ${state.service} runs.`);
    return state;
  }
}
