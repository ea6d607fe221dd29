import { z } from 'zod';
import { pauseSandbox } from '../../../sandbox/sandbox.ts';
import { HavenCommand } from '../../base-command.ts';

export const output = z.strictObject({ stopped: z.boolean() });

export default class SandboxStop extends HavenCommand {
  static override summary = 'Stop the sandbox; "haven sandbox start" continues with the same cloud.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<z.infer<typeof output>> {
    await this.parse(SandboxStop);
    await pauseSandbox();
    this.log('  The sandbox is stopped. To continue with the same cloud, run: npm start');
    return { stopped: true };
  }
}
