import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { realm } from '../../core/users/login.ts';
import { readablePassword } from '../../core/users/readable-password.ts';
import { openKeycloak, runningKeycloak } from '../effects/keycloak.ts';
import { inLdap } from '../effects/ldap.ts';
import { findUser } from '../effects/ldap-users.ts';
import { loginIdOf } from '../effects/login-users.ts';
import type { Layout } from '../store/layout.ts';

/** A password that must be changed at the first login, for users who can't be sent a link. */
export interface OneTimePassword {
  name: string;
  oneTimePassword: string;
}

/** Sets a password for the next login only: after using it, the user must choose their own. */
export async function oneTimePassword(layout: Layout, name: string): Promise<OneTimePassword> {
  const user = await inLdap(layout, (client) => findUser(client, name));
  // LDAP would refuse it: there, a new password unlocks a user.
  if (!user.enabled) throw new Error(`${name} is disabled. Run: haven user enable ${name}`);
  const admin = await openKeycloak(runningKeycloak(layout));
  const value = await newPassword(admin);
  await admin.users.resetPassword({
    id: await loginIdOf(admin, name),
    credential: { type: 'password', value, temporary: true },
  });
  return { name, oneTimePassword: value };
}

/** As long as the login requires. */
export async function newPassword(admin: KcAdminClient): Promise<string> {
  const { passwordPolicy = '' } = (await admin.realms.findOne({ realm })) ?? {};
  return readablePassword(Number(/\blength\((\d+)\)/.exec(passwordPolicy)?.[1] ?? 0));
}
