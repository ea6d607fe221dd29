import { stopRehearsal } from '../../../rehearsal/rehearsal.ts';
import { HavenCommand } from '../../base-command.ts';

export default class TryStop extends HavenCommand {
  static override summary =
    'End everything that the rehearsal runs on this machine, its servers and their disks included.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<unknown> {
    await this.parse(TryStop);
    await stopRehearsal();
    this.log('  The rehearsal has ended. Nothing of it runs any more.');
    return { stopped: true };
  }
}
