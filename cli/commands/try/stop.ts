import { pauseRehearsal } from '../../../rehearsal/rehearsal.ts';
import { HavenCommand } from '../../base-command.ts';

export default class TryStop extends HavenCommand {
  static override summary =
    'Switch the rehearsal off. Nothing of it runs any more; "try start" has the same cloud again.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<unknown> {
    await this.parse(TryStop);
    await pauseRehearsal();
    this.log('  The rehearsal is off; nothing of it runs any more. The same cloud again: npm start');
    return { stopped: true };
  }
}
