import type { User } from '../../core/users/user.ts';
import { settleAppAccounts } from '../effects/app-accounts.ts';
import { openKeycloak, runningKeycloak } from '../effects/keycloak.ts';
import { inLdap } from '../effects/ldap.ts';
import { findUser, lock } from '../effects/ldap-users.ts';
import { loginIdOf } from '../effects/login-users.ts';
import type { Layout } from '../store/layout.ts';
import { tellServices } from './user-hooks.ts';
import { noteSwitched } from './user-seen.ts';

/**
 * Disables a user: locks them in LDAP and at the login, and ends every session. Or enables them again. `notes`: what
 * services told the owner.
 */
export async function setEnabled(
  layout: Layout,
  name: string,
  enabled: boolean,
): Promise<User & { notes: string[] }> {
  const user = await inLdap(layout, async (client) => {
    await findUser(client, name);
    await lock(client, name, !enabled);
    await settleAppAccounts(client);
    return findUser(client, name);
  });
  const admin = await openKeycloak(runningKeycloak(layout));
  const id = await loginIdOf(admin, name);
  // Only the field to change: the rest of what Keycloak has on the user stays as it is.
  const account = await admin.users.findOne({ id });
  if (account && account.enabled !== enabled) await admin.users.update({ id }, { ...account, enabled });
  if (!enabled) await admin.users.logout({ id });
  noteSwitched(layout, name, enabled);
  const { notes } = await tellServices(layout, {
    hook: enabled ? 'enable' : 'disable',
    user: { name, subject: id, email: user.email },
  });
  return { ...user, notes };
}
