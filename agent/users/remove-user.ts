import type { User } from '../../core/users/user.ts';
import { openKeycloak, runningKeycloak } from '../effects/keycloak.ts';
import { inLdap, whereThere } from '../effects/ldap.ts';
import { appAccountDn, findUser } from '../effects/ldap-users.ts';
import { loginIdOf } from '../effects/login-users.ts';
import type { Layout } from '../store/layout.ts';
import { setEnabled } from './set-enabled.ts';
import { tellServices } from './user-hooks.ts';

/**
 * Disables the user first, so that nothing new appears while their data is transferred, and removes them last. `notes`:
 * what services told the owner.
 */
export async function removeUser(
  layout: Layout,
  name: string,
  successor: string | undefined,
): Promise<User & { notes: string[] }> {
  if (successor !== undefined) await inLdap(layout, (client) => findUser(client, successor));
  const user = await setEnabled(layout, name, false);
  const admin = await openKeycloak(runningKeycloak(layout));
  const subject = await loginIdOf(admin, name);
  const { left, notes } = await tellServices(layout, {
    hook: 'remove',
    user: { name, subject, email: user.email },
    ...(successor === undefined
      ? {}
      : { successor: { name: successor, subject: await loginIdOf(admin, successor) } }),
  });
  if (left.length > 0)
    throw new Error(
      notRemoved(
        name,
        left.map((each) => each.service),
      ),
    );
  await inLdap(layout, (client) => whereThere(client.del(appAccountDn(name))));
  // Through the login, which also deletes the entry in LDAP.
  await admin.users.del({ id: subject });
  return { ...user, notes: [...new Set([...user.notes, ...notes])] };
}

/** The error if services could not run their hook `remove`. */
export const notRemoved = (name: string, services: string[]): string =>
  `${name} is disabled, but not removed: ${services.join(', ')} could not transfer their data. Run the same command again. If that does not help, run: haven logs ${services[0]}`;
