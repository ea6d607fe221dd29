import { Args } from '@oclif/core';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import { HavenCommand } from '../base-command.ts';
import { switchService } from '../project/switch-service.ts';

export default class Stop extends HavenCommand {
  static override summary = 'Switch a service off, until it is switched on again.';
  static override description =
    'Off stays off through restarts of the server and through "haven up", which may still bring it a new version. Data stay. Visitors are told that it is switched off.';
  static override examples = ['<%= config.bin %> <%= command.id %> gitea'];
  static override args = { service: Args.string({ description: 'Which service.' }) };

  async run(): Promise<ServiceState> {
    const { args } = await this.parse(Stop);
    const state = await switchService(args.service, 'stop', 'off');
    this.log(`  ${state.service} is switched off.`);
    return state;
  }
}
