import type { z } from 'zod';
import type { OneTimePassword } from '../../../agent/users/one-time-password.ts';
import { HavenCommand } from '../../base-command.ts';
import { oneTimePasswordOutput } from '../../output/schemas.ts';
import { askAgent, loginHost, openWithUsers } from '../../project/user-link.ts';

export const output = oneTimePasswordOutput;

export default class UserRescue extends HavenCommand {
  static override summary = 'Create a temporary administrator of the login, when nobody else can log in.';
  static override description =
    'Independent of LDAP, with a password for one login; removed after an hour. For when LDAP is lost, or the last administrator. Everyone who can deploy this cloud can do this.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<z.infer<typeof output>> {
    await this.parse(UserRescue);
    const project = await openWithUsers();
    const given = await askAgent<OneTimePassword>({ ask: 'rescue' }, project);
    const address = `https://${loginHost(project)}/admin/haven/console/`;
    this.log(`  Open       ${address}`);
    this.log(`  Log in as  ${given.name}`);
    this.log(`  Password   ${given.oneTimePassword}   (works once: you then choose another)`);
    this.log('  The account is removed automatically after an hour.');
    return { ...given, address };
  }
}
