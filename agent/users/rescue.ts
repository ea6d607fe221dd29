import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { openKeycloak, runningKeycloak } from '../effects/keycloak.ts';
import type { Layout } from '../store/layout.ts';
import { newPassword, type OneTimePassword } from './one-time-password.ts';

const rescueName = 'haven-rescue';
/** For how long a rescue account works. */
export const rescueMinutes = 60;

/**
 * A temporary administrator of the login, independent of LDAP: for when LDAP or the last administrator is gone.
 * It expires ({@link endRescue}).
 */
export async function rescue(layout: Layout): Promise<OneTimePassword> {
  const admin = await openKeycloak(runningKeycloak(layout));
  await endRescue(admin, 0);
  const { id } = await admin.users.create({
    username: rescueName,
    enabled: true,
    // Without these, the login asks for them first.
    firstName: 'Rescue',
    lastName: 'Administrator',
    email: `${rescueName}@localhost.invalid`,
    emailVerified: true,
  });
  const [management] = await admin.clients.find({ clientId: 'realm-management' });
  const role = await admin.clients.findRole({ id: management?.id ?? '', roleName: 'realm-admin' });
  if (!management?.id || !role?.id || !role.name) throw new Error('The login has no role "realm-admin".');
  await admin.users.addClientRoleMappings({
    id,
    clientUniqueId: management.id,
    roles: [{ id: role.id, name: role.name }],
  });
  const value = await newPassword(admin);
  await admin.users.resetPassword({ id, credential: { type: 'password', value, temporary: true } });
  return { name: rescueName, oneTimePassword: value };
}

/** Removes the rescue account once it is older than that. */
export async function endRescue(admin: KcAdminClient, olderThanMs = rescueMinutes * 60_000): Promise<void> {
  const [there] = await admin.users.find({ username: rescueName, exact: true });
  if (there?.id && Date.now() - (there.createdTimestamp ?? 0) >= olderThanMs) {
    await admin.users.logout({ id: there.id });
    await admin.users.del({ id: there.id });
  }
}
