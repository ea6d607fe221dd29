import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { SMTPServer } from 'smtp-server';
import { dependencies, realm } from '../../core/users/login.ts';
import { run } from '../../system/run.ts';

/** How long an invitation is valid. */
export const invitationHours = 72;

/**
 * Gets a link with which one user can choose a password, once.
 *
 * Keycloak makes such links, but only ever sends them by email. So for a moment we point its email at this very
 * process and take the link from what arrives. Afterwards the account in `smtpServer` is put back, as the release
 * says. The link changes nothing else: open sessions stay open.
 */
export async function invitationLink(
  admin: KcAdminClient,
  id: string,
  { actions, host, smtpServer }: { actions: string[]; host: string; smtpServer: Record<string, string> },
): Promise<string> {
  const mailbox = await openMailbox(await gateway());
  try {
    const toUs = { host: mailbox.address, port: String(mailbox.port), from: `login@${host}` };
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
    const link = linkIn(await mailbox.message);
    if (!link) throw new Error('Keycloak sent an email without a link.');
    return link;
  } finally {
    await mailbox.close();
  }
}

/** The action token's link in an email (quoted-printable, RFC 2045 §6.7). */
export function linkIn(message: string): string | undefined {
  const text = message
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return /https:\/\/\S+\/login-actions\/action-token\?key=[\w.%-]+(?:&[\w=.%-]+)*/.exec(text)?.[0];
}

/** The address at which the login's container reaches this server. */
async function gateway(): Promise<string> {
  const format = '{{(index .IPAM.Config 0).Gateway}}';
  const name = `haven-${dependencies.login}_default`;
  return (await run('docker', ['network', 'inspect', '--format', format, name])).stdout.trim();
}

/** Receives one email, from the container that can reach this address. Nothing is sent on. */
async function openMailbox(
  address: string,
): Promise<{ address: string; port: number; message: Promise<string>; close(): Promise<void> }> {
  let take: (message: string) => void = () => undefined;
  let refuse: (error: Error) => void = () => undefined;
  const message = new Promise<string>((resolve, reject) => {
    take = resolve;
    refuse = reject;
  });
  const timer = setTimeout(() => refuse(new Error('Keycloak sent no email within 20 s.')), 20_000);
  // If the mailbox fails before anyone waits for it, the error surfaces elsewhere; this avoids an unhandled
  // rejection.
  message.catch(() => undefined);
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: 1024 * 1024,
    onData(stream, _session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        take(Buffer.concat(chunks).toString());
        callback();
      });
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, address, resolve);
  });
  const bound = server.server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the mailbox has no port');
  const close = () =>
    new Promise<void>((resolve) => {
      clearTimeout(timer);
      server.close(() => resolve());
    });
  return { address, port: bound.port, message, close };
}
