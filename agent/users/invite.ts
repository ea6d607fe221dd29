import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { portal } from '../../core/config/dependencies.ts';
import { type InvitationEmail, renderInvitation } from '../../core/users/invitation-email.ts';
import { openKeycloak, runningKeycloak } from '../effects/keycloak.ts';
import { inLdap } from '../effects/ldap.ts';
import { findUser } from '../effects/ldap-users.ts';
import { loginIdOf } from '../effects/login-users.ts';
import { sendEmail, smtpServerOfLogin } from '../effects/sending.ts';
import { currentHash, loadBundle } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { invitationHours, invitationLink } from './invitation.ts';
import { newPassword } from './one-time-password.ts';
import type { UserIdentity } from './run-hook.ts';
import { tellServices } from './user-hooks.ts';

/** How a user gets in for the first time, or again: a link that works once and expires after some hours. */
export interface Invitation {
  name: string;
  link: string;
  hours: number;
  /** Whether it was sent by email, if that was asked for. */
  sent?: { to: string; why?: string };
}

/** Makes a link to choose a password with. For a lost second factor, the old factors are removed first. */
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
  if (!user.enabled) throw new Error(`${name} is disabled. Run: haven user enable ${name}`);
  const admin = await openKeycloak(runningKeycloak(layout));
  const id = await loginIdOf(admin, name);
  if (newSecondFactor) await forgetDevices(layout, admin, { name, subject: id, email: user.email });
  const smtpServer = smtpServerOfLogin(layout);
  const wanted = { actions: ['UPDATE_PASSWORD'], host, smtpServer };
  const link = await invitationLink(admin, { id, email: user.email }, wanted);
  const invitation = { name, link, hours: invitationHours };
  if (sendTo === undefined) return invitation;
  const email = {
    ...invitation,
    givenName: user.givenName,
    haven: smtpServer.fromDisplayName ?? host,
    owner: smtpServer.replyToDisplayName ?? '',
    portal: portalAddress(layout),
  };
  return { ...invitation, sent: await sendInvitation(layout, smtpServer, sendTo, email) };
}

/**
 * Removes every passkey, code and open session of the user. The password is removed first: without a second factor it
 * alone would be enough to log in. App passwords stay: each belongs to one program and is revoked separately.
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

/** Where users find their page; undefined while there is none. */
function portalAddress(layout: Layout): string | undefined {
  const hash = currentHash(layout, portal);
  const host = hash === null ? undefined : loadBundle(layout, portal, hash).release.routes[0]?.host;
  return host && `https://${host}/`;
}

/** The link works even if sending the email failed; the failure is reported beside it. */
async function sendInvitation(
  layout: Layout,
  smtpServer: Record<string, string>,
  to: string,
  email: InvitationEmail,
): Promise<{ to: string; why?: string }> {
  try {
    await sendEmail(layout, smtpServer, { to, ...renderInvitation(email) });
    return { to };
  } catch (error) {
    return { to, why: error instanceof Error ? error.message : String(error) };
  }
}
