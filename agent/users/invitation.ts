import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { SMTPServer } from 'smtp-server';
import { dependencies, realm } from '../../core/users/login.ts';
import { run } from '../../system/run.ts';

/** How long an invitation is good for. */
export const invitationHours = 72;

/**
 * A link that leads one user, once, to what the login wants of them: to choose a password. Keycloak makes such links
 * and only ever sends them by mail; so it is told for a moment that its mail goes to this very process, which takes the
 * link out; afterwards it goes to `smtpServer`, as the release says. Nothing is set by it but the way in; whoever holds an open session keeps it.
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
    const link = linkIn(await mailbox.letter);
    if (!link) throw new Error('Keycloak sent a letter without a link in it.');
    return link;
  } finally {
    await mailbox.close();
  }
}

/** The link of an action token in a letter (quoted-printable, RFC 2045 §6.7). */
export function linkIn(letter: string): string | undefined {
  const text = letter
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return /https:\/\/\S+\/login-actions\/action-token\?key=[\w.%-]+(?:&[\w=.%-]+)*/.exec(text)?.[0];
}

/** The address under which the login's container sees this server. */
async function gateway(): Promise<string> {
  const format = '{{(index .IPAM.Config 0).Gateway}}';
  const name = `haven-${dependencies.login}_default`;
  return (await run('docker', ['network', 'inspect', '--format', format, name])).stdout.trim();
}

/** Takes one letter, from the container that can reach this address; nothing is sent on. */
async function openMailbox(
  address: string,
): Promise<{ address: string; port: number; letter: Promise<string>; close(): Promise<void> }> {
  let take: (letter: string) => void = () => undefined;
  let refuse: (error: Error) => void = () => undefined;
  const letter = new Promise<string>((resolve, reject) => {
    take = resolve;
    refuse = reject;
  });
  const timer = setTimeout(() => refuse(new Error('Keycloak sent no letter within 20 s.')), 20_000);
  // Nobody may be waiting yet when it comes to grief; then it has been said elsewhere.
  letter.catch(() => undefined);
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
  return { address, port: bound.port, letter, close };
}
