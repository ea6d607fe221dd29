import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { dependencies, realm } from '../../core/users/login.ts';
import { run } from '../../system/run.ts';
import { containersOf, projectOf } from '../effects/containers.ts';
import { openMailbox } from './mailbox.ts';

/** How long an invitation is valid. */
export const invitationHours = 72;

/**
 * Gets a link with which one user can choose a password, once.
 *
 * Keycloak makes such links, but only ever sends them by email. So for a moment we point its email at this very
 * process and take the link from what arrives. Afterwards the account in `smtpServer` is put back, as the release
 * says; if the agent is killed in between, the next run of `user-mirror` does it. The link changes nothing else: open
 * sessions stay open.
 */
export async function invitationLink(
  admin: KcAdminClient,
  { id, email }: { id: string; email: string },
  { actions, host, smtpServer }: { actions: string[]; host: string; smtpServer: Record<string, string> },
): Promise<string> {
  const mailbox = await openMailbox({
    ...(await addressesOfLogin()),
    to: email,
    linkIn: (message) => linkIn(message, host),
    timeoutMs: 20_000,
    log: (refused) => process.stderr.write(`Refused while waiting for an invitation: ${refused}\n`),
  });
  try {
    const toUs = { ...mailbox.smtpServer, from: `login@${host}` };
    await admin.realms.update({ realm }, { smtpServer: toUs });
    try {
      await admin.users.executeActionsEmail({
        id,
        actions,
        lifespan: invitationHours * 3600,
        clientId: 'account-console',
        redirectUri: `https://${host}/realms/${realm}/account/`,
      });
    } finally {
      await admin.realms.update({ realm }, { smtpServer });
    }
    return await mailbox.link;
  } finally {
    await mailbox.close();
  }
}

/** The action token's link in an email (quoted-printable, RFC 2045 §6.7), if it leads to the login at `host`. */
export function linkIn(message: string, host: string): string | undefined {
  const text = message
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  const link = /https:\/\/\S+\/login-actions\/action-token\?key=[\w.%-]+(?:&[\w=.%-]+)*/.exec(text)?.[0];
  return link?.startsWith(`https://${host}/realms/${realm}/login-actions/`) ? link : undefined;
}

/** Where the login's container reaches this server, and the address that it comes from then. */
async function addressesOfLogin(): Promise<{ address: string; peer: string }> {
  const network = `${projectOf(dependencies.login)}_default`;
  const gateway = '{{(index .IPAM.Config 0).Gateway}}';
  const own = `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`;
  const container = (await containersOf(dependencies.login)).find(
    ({ name }) => name === dependencies.login,
  )?.id;
  if (!container) throw new Error('The login has no container. Run: haven status');
  const [address, peer] = await Promise.all([
    run('docker', ['network', 'inspect', '--format', gateway, network]),
    run('docker', ['container', 'inspect', '--format', own, container]),
  ]);
  return { address: address.stdout.trim(), peer: peer.stdout.trim() };
}
