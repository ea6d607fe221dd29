import type KcAdminClient from '@keycloak/keycloak-admin-client';

/**
 * The id of a user at the login: their `sub` (OpenID Connect Core §2). Throws a readable error when the login does
 * not know them.
 */
export async function loginIdOf(admin: Pick<KcAdminClient, 'users'>, name: string): Promise<string> {
  const [found] = await admin.users.find({ username: name, exact: true });
  if (!found?.id)
    throw new Error(`LDAP has the user "${name}", but the login does not. See: haven logs keycloak`);
  return found.id;
}
