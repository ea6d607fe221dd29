import { Args } from '@oclif/core';
import type { OneTimePassword } from '../../../agent/users/one-time-password.ts';
import { HavenCommand } from '../../base-command.ts';
import { accountAddress, askAgent, openWithUsers, typedName } from '../../project/user-link.ts';

export default class UserSetPassword extends HavenCommand {
  static override summary = 'Give a user a password for one login, where a link cannot be sent.';
  static override description =
    'Whoever comes in with it has to choose their own at once. The old password ends now; the second factor stays. Where a link can be sent, "haven user invite" is better.';
  static override examples = ['<%= config.bin %> <%= command.id %> ada'];
  static override args = { name: Args.string({ description: 'Who.' }) };

  async run(): Promise<OneTimePassword & { address: string }> {
    const { args } = await this.parse(UserSetPassword);
    const name = typedName(args.name, 'passwd');
    const project = await openWithUsers();
    const given = await askAgent<OneTimePassword>({ ask: 'password', name }, project);
    const address = accountAddress(project);
    this.log(`  Tell ${name}, by a way that only ${name} hears:`);
    this.log(`    Open       ${address}`);
    this.log(`    Log in as  ${name}`);
    this.log(`    Password   ${given.oneTimePassword}   (for once: you then choose your own)`);
    return { ...given, address };
  }
}
