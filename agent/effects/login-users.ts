import type KcAdminClient from '@keycloak/keycloak-admin-client';

/**
 * The id of a user at the login: their `sub` (OpenID Connect Core §2). Throws a readable error when the login does
 * not know them.
 */
export async function loginIdOf(admin: Pick<KcAdminClient, 'users'>, name: string): Promise<string> {
  const id = await findLoginId(admin, name);
  if (id === undefined)
    throw new Error(`LDAP has the user "${name}", but the login does not. See: haven logs keycloak`);
  return id;
}

/** {@link loginIdOf}; undefined when the login does not know them. */
export async function findLoginId(
  admin: Pick<KcAdminClient, 'users'>,
  name: string,
): Promise<string | undefined> {
  const [found] = await admin.users.find({ username: name, exact: true });
  return found?.id;
}
