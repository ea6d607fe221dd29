import type { User } from '../../core/users/user.ts';
import { openKeycloak, runningKeycloak } from '../effects/keycloak.ts';
import { inLdap, whereThere } from '../effects/ldap.ts';
import { appAccountDn, findUser } from '../effects/ldap-users.ts';
import { loginIdOf } from '../effects/login-users.ts';
import type { Layout } from '../store/layout.ts';
import { setEnabled } from './set-enabled.ts';
import { tellServices } from './user-hooks.ts';

/** Off first, so that nothing new comes while what they made is handed on; gone last. */
export async function removeUser(layout: Layout, name: string, successor: string | undefined): Promise<User> {
  if (successor !== undefined) await inLdap(layout, (client) => findUser(client, successor));
  const user = await setEnabled(layout, name, false);
  const admin = await openKeycloak(runningKeycloak(layout));
  const subject = await loginIdOf(admin, name);
  const left = await tellServices(layout, {
    hook: 'remove',
    user: { name, subject },
    ...(successor === undefined
      ? {}
      : { successor: { name: successor, subject: await loginIdOf(admin, successor) } }),
  });
  if (left.length > 0)
    throw new Error(
      `${name} is switched off, but not removed: ${left.map((each) => each.service).join(', ')} could not hand on what is theirs. Type the same again. If it stays like that: haven logs ${left[0]!.service}`,
    );
  await inLdap(layout, (client) => whereThere(client.del(appAccountDn(name))));
  // Through the login, which takes the entry out of LDAP, too.
  await admin.users.del({ id: subject });
  return user;
}
