import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { createTransport, type Transporter } from 'nodemailer';
import { passwordNameOf } from '../../core/config/sending.ts';
import { isOwnAccount } from '../../core/mail/own-account.ts';
import type { Release } from '../../core/release/release.ts';
import { dependencies, realm } from '../../core/users/login.ts';
import type { RealmFile } from '../../core/users/realm-file.ts';
import { currentHash, loadBundle } from '../store/bundle-store.ts';
import type { Layout } from '../store/layout.ts';
import { isBeingChanged, runningRelease } from '../store/running.ts';
import { secretOf } from '../store/secrets.ts';

/** The account that sends email, in Keycloak's terms (`smtpServer`). Empty when there is none. */
type Account = Record<string, string>;

/** The wanted realm: the release's file, with the password of the sending account filled in. */
export function realmFileOf(layout: Layout, release: Release, folder: string): RealmFile {
  const file = JSON.parse(readFileSync(join(folder, 'files', 'realm.json'), 'utf8')) as RealmFile;
  const { smtpServer } = file.realm;
  if (smtpServer?.host) smtpServer.password = secretOf(layout, release, passwordNameOf(smtpServer));
  return file;
}

/** The account that sends this cloud's email, as the running login has it. Empty when there is none. */
export function smtpServerOfLogin(layout: Layout): Account {
  const hash = runningRelease(layout, dependencies.login);
  const folder = layout.release(dependencies.login, hash);
  if (!existsSync(join(folder, 'files', 'realm.json'))) return {};
  const { release } = loadBundle(layout, dependencies.login, hash);
  return realmFileOf(layout, release, folder).realm.smtpServer ?? {};
}

/**
 * Makes the login send with that account if it does not: an invitation that was killed leaves the realm's mail settings
 * pointing to a port where nothing listens.
 */
export async function putSendingBack(layout: Layout, admin: Pick<KcAdminClient, 'realms'>): Promise<void> {
  const wanted = smtpServerOfLogin(layout);
  const { smtpServer } = (await admin.realms.findOne({ realm })) ?? {};
  if (!isSameAccount(smtpServer ?? {}, wanted)) await admin.realms.update({ realm }, { smtpServer: wanted });
}

/** Whether the login has these mail settings. It never shows their password, so that is not compared. */
export function isSameAccount(there: Record<string, unknown>, wanted: Account): boolean {
  const names = Object.keys({ ...there, ...wanted }).filter((name) => name !== 'password');
  return names.every((name) => String(there[name] ?? '') === (wanted[name] ?? ''));
}

/** Sends one email with that account. Throws with what its server said. */
export async function sendEmail(
  layout: Layout,
  account: Account,
  email: { to: string; subject: string; text: string },
): Promise<void> {
  const { from, fromDisplayName, replyTo, replyToDisplayName } = account;
  await withAccount(layout, account, async (transport) => {
    await transport.sendMail({
      ...email,
      from: { name: fromDisplayName ?? '', address: from ?? '' },
      ...(replyTo ? { replyTo: { name: replyToDisplayName ?? '', address: replyTo } } : {}),
      // Asks out-of-office programs not to answer (RFC 3834 §5).
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  });
}

/**
 * Tries to log in at the sending account's server. Returns its address, and why it failed if it did; empty without an
 * account.
 */
export async function trySending(layout: Layout): Promise<{ server?: string; why?: string }> {
  if (currentHash(layout, dependencies.login) === null || isBeingChanged(layout, dependencies.login))
    return {};
  const account = smtpServerOfLogin(layout);
  if (!account.host) return {};
  const server = `${account.host}:${account.port}`;
  try {
    await withAccount(layout, account, (transport) => transport.verify());
    return { server };
  } catch (error) {
    return { server, why: error instanceof Error ? error.message : String(error) };
  }
}

/** Opens the account at its server, over TLS, for `work`. */
export async function withAccount(
  layout: Layout,
  { host, port, ssl, user = '', password }: Account,
  work: (transport: Transporter) => Promise<unknown>,
): Promise<void> {
  if (!host)
    throw new Error(
      'This cloud has no account to send email with. Add "sending" to haven.yaml, then run: haven up',
    );
  const transport = createTransport({
    // The cloud's own mail server, through the reverse proxy of this server: whatever the DNS says by now.
    host: isOwnAccount({ user }) ? '127.0.0.1' : host,
    port: Number(port),
    secure: ssl === 'true',
    requireTLS: true,
    auth: { user, pass: password ?? '' },
    tls: { ca: readFileSync(layout.trust), servername: host },
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
  });
  try {
    await work(transport);
  } finally {
    transport.close();
  }
}
