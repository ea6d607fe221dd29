import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sandboxDir } from '../../host/paths.ts';
import { hasImage } from '../../images/images.ts';
import { docker, tryDocker } from '../../machine/docker.ts';
import { giveIpv6, network } from '../../machine/network.ts';
import { foreignMailImage } from './image.ts';
import { loadMailKeys, type MailKeys } from './keys.ts';
import { authority, foreignMailFiles } from './settings.ts';
import { waitForGreeting } from './wait-for-greeting.ts';
import type { ForeignMailOrder } from './zone.ts';

/** The mail server of another company, in a container of its own. It runs only after it was asked for. */
export const foreignMailContainer = 'haven-sandbox-foreign-mail';
const folder = join(sandboxDir, 'foreign-mail');
const settings = join(folder, 'settings');
const mailbox = join(folder, 'mail');
const inbox = join(mailbox, 'inbox', 'new');

/** An email that has arrived. */
export interface ReceivedEmail {
  /** The address that it was sent to. */
  to: string;
  /** As it was stored: headers, with Authentication-Results, and body. */
  raw: string;
}

export const foreignMailKeys = (): MailKeys => loadMailKeys(settings);

/** Starts it and waits until it answers; its zone has to be published. If it is running already, only shows its certificate. */
export async function startForeignMail({ certificate }: ForeignMailOrder): Promise<void> {
  await runForeignMail();
  // Each connection is another process's, which reads it.
  await docker(['exec', foreignMailContainer, 'bash', '/settings/show-certificate', certificate]);
}

async function runForeignMail(): Promise<void> {
  const image = foreignMailImage();
  const state = await tryDocker([
    'inspect',
    '-f',
    '{{.State.Running}} {{.Config.Image}}',
    foreignMailContainer,
  ]);
  if (state.stdout.trim() === `true ${image}`) return;
  if (!(await hasImage(image)))
    throw new Error(`The foreign mail server's image was not built: ${image} does not exist.`);
  await tryDocker(['rm', '-f', '-v', foreignMailContainer]);
  for (const each of [settings, mailbox]) mkdirSync(each, { recursive: true });
  foreignMailKeys();
  for (const [name, text] of Object.entries(foreignMailFiles)) writeFileSync(join(settings, name), text);
  await docker([
    ...['run', '-d', '--name', foreignMailContainer, '--label', 'openhaven.sandbox=internet'],
    ...['--hostname', 'mx', '--network', network.name, '--ip', network.mailIpv4],
    ...['--sysctl', 'net.ipv6.conf.all.disable_ipv6=0'],
    ...['-v', `${settings}:/settings:ro`, '-v', `${mailbox}:/mail`],
    ...['-v', `${join(sandboxDir, 'internet', 'tls')}:${authority}:ro`, image, 'bash', '/settings/start'],
  ]);
  await giveIpv6(foreignMailContainer, network.mailIpv6);
  await waitForGreeting('the foreign mail server', foreignMailContainer, 25);
}

export async function stopForeignMail(): Promise<void> {
  await tryDocker(['rm', '-f', '-v', foreignMailContainer]);
}

/** The emails that have arrived, in no particular order. */
export function receivedEmails(): ReceivedEmail[] {
  return (existsSync(inbox) ? readdirSync(inbox) : []).map((name) => {
    const raw = readFileSync(join(inbox, name), 'utf8');
    return { to: /^Delivered-To: (.*)$/m.exec(raw)?.[1] ?? '', raw };
  });
}

/** Deletes the emails that have arrived. */
export function emptyMailbox(): void {
  for (const name of existsSync(inbox) ? readdirSync(inbox) : []) rmSync(join(inbox, name));
}

/**
 * Sends an email from the foreign server. `message` is headers and body; a signature of the server is added if its `From` is of
 * the server's domain. What became of it is in {@link foreignMailLog}.
 */
export async function sendFromForeignMail(from: string, to: string, message: string): Promise<void> {
  const command = ['sendmail', '-i', '-f', from, '--', to];
  await docker(['exec', '-i', foreignMailContainer, ...command], { input: message });
}

/** What Postfix has written since it was started. */
export async function foreignMailLog(): Promise<string> {
  return (await docker(['exec', foreignMailContainer, 'cat', '/var/log/mail.log'])).stdout;
}
