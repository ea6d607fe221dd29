import { Args } from '@oclif/core';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import { HavenCommand } from '../base-command.ts';
import { switchService } from '../project/switch-service.ts';

export default class Restart extends HavenCommand {
  static override summary = 'Stop a service and start it again.';
  static override description =
    'Its data and settings stay as they are. Whoever comes in between is told to come again.';
  static override examples = ['<%= config.bin %> <%= command.id %> gitea'];
  static override args = { service: Args.string({ description: 'Which service.' }) };

  async run(): Promise<ServiceState> {
    const { args } = await this.parse(Restart);
    const state = await switchService(args.service, 'restart', 'restart');
    this.log(`  ${state.service} runs again.`);
    return state;
  }
}
