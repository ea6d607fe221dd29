import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { type InvitationLetter, renderInvitation } from '../../core/users/invitation-email.ts';
import { openKeycloak, runningKeycloak } from '../effects/keycloak.ts';
import { inLdap } from '../effects/ldap.ts';
import { findUser } from '../effects/ldap-users.ts';
import { loginIdOf } from '../effects/login-users.ts';
import { sendLetter, smtpServerOfLogin } from '../effects/sending.ts';
import type { Layout } from '../store/layout.ts';
import { invitationHours, invitationLink } from './invitation.ts';
import { newPassword } from './one-time-password.ts';
import type { UserIdentity } from './run-hook.ts';
import { tellServices } from './user-hooks.ts';

/** How somebody gets in for the first time, or again: a link that is good for once, and for some hours. */
export interface Invitation {
  name: string;
  link: string;
  hours: number;
  /** Whether it went out by mail, where that was asked for. */
  sent?: { to: string; why?: string };
}

/** A link to choose a password by. With a lost second factor, what there was of it is taken away first. */
export async function invite(
  layout: Layout,
  name: string,
  {
    host,
    newSecondFactor = false,
    sendTo,
  }: { host: string; newSecondFactor?: boolean; sendTo?: string | undefined },
): Promise<Invitation> {
  const user = await inLdap(layout, (client) => findUser(client, name));
  if (!user.enabled) throw new Error(`${name} is switched off. Type: haven user enable ${name}`);
  const admin = await openKeycloak(runningKeycloak(layout));
  const id = await loginIdOf(admin, name);
  if (newSecondFactor) await forgetDevices(layout, admin, { name, subject: id });
  const smtpServer = smtpServerOfLogin(layout);
  const link = await invitationLink(admin, id, { actions: ['UPDATE_PASSWORD'], host, smtpServer });
  const invitation = { name, link, hours: invitationHours };
  if (sendTo === undefined) return invitation;
  const letter = { ...invitation, givenName: user.givenName, haven: smtpServer.fromDisplayName ?? host };
  return { ...invitation, sent: await sendInvitation(layout, smtpServer, sendTo, letter) };
}

/**
 * No passkey, code or open session of theirs lets anybody in any more. The password ends first: without its second factor
 * it would be enough. App passwords stay: each is for one program, and taken back by itself.
 */
async function forgetDevices(layout: Layout, admin: KcAdminClient, user: UserIdentity): Promise<void> {
  const id = user.subject;
  const value = await newPassword(admin);
  await admin.users.resetPassword({ id, credential: { type: 'password', value, temporary: false } });
  for (const { id: credentialId, type } of await admin.users.getCredentials({ id }))
    if (credentialId && type !== 'password') await admin.users.deleteCredential({ id, credentialId });
  await admin.users.logout({ id });
  await tellServices(layout, { hook: 'logOut', user });
}

/** The link is good however its letter fares: what went wrong with that is told beside it. */
async function sendInvitation(
  layout: Layout,
  smtpServer: Record<string, string>,
  to: string,
  letter: InvitationLetter,
): Promise<{ to: string; why?: string }> {
  try {
    await sendLetter(layout, smtpServer, { to, ...renderInvitation(letter) });
    return { to };
  } catch (error) {
    return { to, why: error instanceof Error ? error.message : String(error) };
  }
}
