import type { OneTimePassword } from '../../../agent/users/one-time-password.ts';
import { HavenCommand } from '../../base-command.ts';
import { askAgent, loginHost, openWithUsers } from '../../project/user-link.ts';

export default class UserRescue extends HavenCommand {
  static override summary = 'Get into the administration of the login when nobody else can, for an hour.';
  static override description =
    'Makes an administrator who is not in LDAP, with a password for one login; after an hour it is removed. For when LDAP is gone, or the last administrator. Whoever may deploy this cloud may do this.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<OneTimePassword & { address: string }> {
    await this.parse(UserRescue);
    const project = await openWithUsers();
    const given = await askAgent<OneTimePassword>({ ask: 'rescue' }, project);
    const address = `https://${loginHost(project)}/admin/haven/console/`;
    this.log(`  Open       ${address}`);
    this.log(`  Log in as  ${given.name}`);
    this.log(`  Password   ${given.oneTimePassword}   (for once: you then choose another)`);
    this.log('  It ends by itself after an hour.');
    return { ...given, address };
  }
}
