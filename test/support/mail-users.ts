import { modifyLdap } from './ldap.ts';
import { appPassword, server, user } from './mail-lab.ts';

/** The app password of a user that {@link addMailUsers} adds. */
export const passwordOf = (name: string): string => `app-password-of-${name}`;

/** More users of the lab's mail, besides Ada and Bob. */
export async function addMailUsers(names: string[]): Promise<void> {
  const entries = names.flatMap((name) => [user(name, []), appPassword(name, passwordOf(name))]);
  await modifyLdap(server.id, entries.join('\n'));
}
