import { Args, Flags } from '@oclif/core';
import type { z } from 'zod';
import type { OneTimePassword } from '../../../agent/users/one-time-password.ts';
import { HavenCommand } from '../../base-command.ts';
import { mustAgree } from '../../output/consent.ts';
import { oneTimePasswordOutput } from '../../output/schemas.ts';
import { accountAddress, askAgent, findUser, openWithUsers, typedName } from '../../project/user-link.ts';

export const output = oneTimePasswordOutput;

export default class UserSetPassword extends HavenCommand {
  static override summary = 'Give a user a password for one login, where no link can be sent.';
  static override description =
    'They have to choose their own when they log in with it. The old password stops working now; the second factor is kept. Asks first. Where a link can be sent, "haven user invite" is better.';
  static override examples = ['<%= config.bin %> <%= command.id %> ada'];
  static override args = { name: Args.string({ required: true, description: 'The user.' }) };
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask. For scripts.' }),
  };

  async run(): Promise<z.infer<typeof output>> {
    const { args, flags } = await this.parse(UserSetPassword);
    const name = typedName(args.name, 'set-password');
    const project = await openWithUsers();
    const { givenName, surname, email } = await findUser(project, name, 'set-password');
    const what = `The password of ${givenName} ${surname} (${email}) stops working.`;
    await mustAgree({ command: `haven user set-password ${name}`, what, mayAsk: this.mayAsk }, flags.yes);
    const given = await askAgent<OneTimePassword>({ ask: 'password', name }, project);
    const address = accountAddress(project);
    this.log(`  Tell ${name} in private:`);
    this.log(`    Open       ${address}`);
    this.log(`    Log in as  ${name}`);
    this.log(`    Password   ${given.oneTimePassword}   (works once: you then choose your own)`);
    return { ...given, address };
  }
}
