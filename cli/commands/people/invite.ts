import { Args } from '@oclif/core';
import type { Invitation } from '../../../steward/people.ts';
import { HavenCommand } from '../../base-command.ts';
import { accountAddress, askPeople, openWithPeople, typedName } from '../../people-link.ts';

export default class PeopleInvite extends HavenCommand {
  static override summary = 'Give a person a way in: for the first time, or when the password is forgotten.';
  static override description =
    'Prints an address and a password that is good for one login: whoever comes in with it has to choose their own. Their old password ends at once; their second factor stays.';
  static override examples = ['<%= config.bin %> <%= command.id %> ada'];
  static override args = { name: Args.string({ description: 'Who.' }) };

  async run(): Promise<Invitation & { address: string }> {
    const { args } = await this.parse(PeopleInvite);
    const name = typedName(args.name, 'invite');
    const project = await openWithPeople();
    const invitation = await askPeople<Invitation>({ ask: 'invite', name }, project);
    const address = accountAddress(project);
    this.log(`  Tell ${name}, by a way that only ${name} reads:`);
    this.log(`    Open       ${address}`);
    this.log(`    Log in as  ${name}`);
    this.log(`    Password   ${invitation.oneTimePassword}   (for once: you then choose your own)`);
    return { ...invitation, address };
  }
}
