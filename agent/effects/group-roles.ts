import type KcAdminClient from '@keycloak/keycloak-admin-client';
import type { RealmFile } from '../../core/users/realm-file.ts';
import { loginIdOf } from './login-users.ts';

/**
 * Roles that services see as groups. The check account of administrators has one instead of being in the group, so that
 * services treat it as an administrator and the login itself does not.
 */
export async function applyGroupRoles(admin: KcAdminClient, wanted: RealmFile['groupRoles']): Promise<void> {
  for (const [name, users] of Object.entries(wanted)) {
    if (!(await admin.roles.findOneByName({ name }))) await admin.roles.create({ name });
    const { id } = await roleOf(admin, name);
    for (const user of users)
      await admin.users.addRealmRoleMappings({ id: await loginIdOf(admin, user), roles: [{ id, name }] });
  }
}

/** Lets a client see such a role. A client sees no other roles, so its tokens give no administration. */
export async function showGroupRole(admin: KcAdminClient, client: string, name: string): Promise<void> {
  await admin.clients.addRealmScopeMappings({ id: client }, [await roleOf(admin, name)]);
}

export async function showsGroupRole(admin: KcAdminClient, client: string, name: string): Promise<boolean> {
  const shown = await admin.clients.listRealmScopeMappings({ id: client });
  return shown.some((each) => each.name === name);
}

async function roleOf(admin: KcAdminClient, name: string): Promise<{ id: string; name: string }> {
  const role = await admin.roles.findOneByName({ name });
  if (!role?.id) throw new Error(`The login has no role "${name}". Run: haven up`);
  return { id: role.id, name };
}
