import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { realm } from '../../core/users/login.ts';
import { readablePassword } from '../../core/users/readable-password.ts';
import { openKeycloak, runningKeycloak } from '../effects/keycloak.ts';
import { inLdap } from '../effects/ldap.ts';
import { findUser } from '../effects/ldap-users.ts';
import { loginIdOf } from '../effects/login-users.ts';
import type { Layout } from '../store/layout.ts';

/** A password that must be changed at once, for whom no link can be sent. */
export interface OneTimePassword {
  name: string;
  oneTimePassword: string;
}

/** A password for the next login alone: whoever comes in with it has to choose one of their own. */
export async function oneTimePassword(layout: Layout, name: string): Promise<OneTimePassword> {
  await inLdap(layout, (client) => findUser(client, name));
  const admin = await openKeycloak(runningKeycloak(layout));
  const value = await newPassword(admin);
  await admin.users.resetPassword({
    id: await loginIdOf(admin, name),
    credential: { type: 'password', value, temporary: true },
  });
  return { name, oneTimePassword: value };
}

/** As long as the login wants it. */
export async function newPassword(admin: KcAdminClient): Promise<string> {
  const { passwordPolicy = '' } = (await admin.realms.findOne({ realm })) ?? {};
  return readablePassword(Number(/\blength\((\d+)\)/.exec(passwordPolicy)?.[1] ?? 0));
}
