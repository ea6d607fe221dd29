import { Args, Flags } from '@oclif/core';
import type { Invitation } from '../../../agent/users/invite.ts';
import { HavenCommand } from '../../base-command.ts';
import { describeInvitation, invite, judgeSendTo, sendToFlag } from '../../project/invite.ts';
import { openWithUsers, typedName } from '../../project/user-link.ts';

export default class UserInvite extends HavenCommand {
  static override summary = 'Give a user a way in: for the first time, or when the password is forgotten.';
  static override description =
    'Prints a link by which they choose a password, once. Until they do, the old password goes on; passkeys and second factor stay, unless you say that they are lost.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ada',
    '<%= config.bin %> <%= command.id %> ada --lost-second-factor',
    '<%= config.bin %> <%= command.id %> ada --send-to ada@example.org',
  ];
  static override args = { name: Args.string({ description: 'Who.' }) };
  static override flags = {
    'lost-second-factor': Flags.boolean({
      summary:
        'Take their password, passkeys, second factor and recovery codes away, and log them out everywhere.',
    }),
    'send-to': sendToFlag(),
  };

  async run(): Promise<Invitation> {
    const { args, flags } = await this.parse(UserInvite);
    const name = typedName(args.name, 'invite');
    const project = await openWithUsers();
    judgeSendTo(project, 'invite', flags['send-to']);
    const invitation = await invite(project, name, {
      newSecondFactor: flags['lost-second-factor'],
      sendTo: flags['send-to'],
    });
    for (const line of describeInvitation(invitation)) this.log(line);
    return invitation;
  }
}
