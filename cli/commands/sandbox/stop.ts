import { pauseSandbox } from '../../../sandbox/sandbox.ts';
import { HavenCommand } from '../../base-command.ts';

export default class SandboxStop extends HavenCommand {
  static override summary =
    'Switch the sandbox off. Nothing of it runs any more; "sandbox start" has the same cloud again.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<unknown> {
    await this.parse(SandboxStop);
    await pauseSandbox();
    this.log('  The sandbox is off; nothing of it runs any more. The same cloud again: npm start');
    return { stopped: true };
  }
}
