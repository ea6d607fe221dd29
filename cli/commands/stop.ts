import { Args, Flags } from '@oclif/core';
import type { ServiceState } from '../../agent/operations/service-state.ts';
import { HavenCommand } from '../base-command.ts';
import { mustAgree } from '../output/consent.ts';
import { serviceStateOutput } from '../output/schemas.ts';
import { chosenService } from '../project/chosen-service.ts';
import { dependents } from '../project/dependents.ts';
import { Project } from '../project/project.ts';
import { switchService } from '../project/switch-service.ts';

export const output = serviceStateOutput;

export default class Stop extends HavenCommand {
  static override summary = 'Stop a service until "haven start" starts it again.';
  static override description =
    'It stays stopped when the server restarts and through "haven up", which may still bring it a new version. Its data is kept. Visitors see that it is stopped. Asks first if other services need it, such as the login.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> gitea',
    '<%= config.bin %> <%= command.id %> keycloak --yes',
  ];
  static override args = { service: Args.string({ required: true, description: 'The service.' }) };
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask. For scripts.' }),
  };

  async run(): Promise<ServiceState> {
    const { args, flags } = await this.parse(Stop);
    const project = await Project.open();
    const service = chosenService(project, args.service, 'stop');
    const needing = dependents(project, service);
    if (needing.length > 0) {
      const what = `Without ${service}, these do not work fully: ${needing.join(', ')}.`;
      await mustAgree({ command: `haven stop ${service}`, what, mayAsk: this.mayAsk }, flags.yes);
    }
    const state = await switchService(project, service, 'off');
    this.log(`  ${service} is stopped. To start it again, run: haven start ${service}`);
    return state;
  }
}
