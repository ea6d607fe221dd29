import { Args, Flags } from '@oclif/core';
import type { Invitation } from '../../../agent/users/invite.ts';
import { HavenCommand } from '../../base-command.ts';
import { mustAgree } from '../../output/consent.ts';
import { invitationOutput } from '../../output/schemas.ts';
import { describeInvitation, invite, judgeSendTo, sendToFlag } from '../../project/invite.ts';
import { findUser, openWithUsers, typedName } from '../../project/user-link.ts';

export const output = invitationOutput;

export default class UserInvite extends HavenCommand {
  static override summary = 'Send a user an invitation, or a password reset.';
  static override description =
    'Prints a link with which they choose a password. It works once. Until they do, the old password works; passkeys and second factor are kept, unless you say that they are lost.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ada',
    '<%= config.bin %> <%= command.id %> ada --lost-second-factor',
    '<%= config.bin %> <%= command.id %> ada --send-to ada@example.org',
  ];
  static override args = { name: Args.string({ required: true, description: 'The user.' }) };
  static override flags = {
    'lost-second-factor': Flags.boolean({
      summary:
        'Remove their password, passkeys, second factor and recovery codes, and log them out everywhere. Asks first.',
    }),
    'send-to': sendToFlag(),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask. For scripts.' }),
  };

  async run(): Promise<Invitation> {
    const { args, flags } = await this.parse(UserInvite);
    const name = typedName(args.name, 'invite');
    const project = await openWithUsers();
    judgeSendTo(project, 'invite', flags['send-to']);
    const lost = flags['lost-second-factor'];
    if (lost) {
      const { givenName, surname, email } = await findUser(project, name, 'invite');
      const what = `${givenName} ${surname} (${email}) is logged out everywhere, and loses password, passkeys, second factor and recovery codes.`;
      const command = `haven user invite ${name} --lost-second-factor`;
      await mustAgree({ command, what, mayAsk: this.mayAsk }, flags.yes);
    }
    const invitation = await invite(project, name, { newSecondFactor: lost, sendTo: flags['send-to'] });
    for (const line of describeInvitation(invitation)) this.log(line);
    return invitation;
  }
}
