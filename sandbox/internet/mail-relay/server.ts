import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sandboxDir } from '../../host/paths.ts';
import { docker, tryDocker } from '../../machine/docker.ts';
import { giveIpv6, network } from '../../machine/network.ts';
import { foreignMailImage } from '../foreign-mail/image.ts';
import { waitForGreeting } from '../foreign-mail/wait-for-greeting.ts';
import { authority, relayFiles, settings } from './settings.ts';

/** The relay, in a container of its own, with the image of the foreign mail server. It runs only after it was asked for. */
const relayContainer = 'haven-sandbox-mail-relay';

/**
 * Starts it, and waits until it answers. The sandbox's internet has to run, and its domain has to be registered
 * (`relayRecords`). Its image is made with that of the foreign mail server (`foreignMailTasks`).
 */
export async function startMailRelay(): Promise<void> {
  const folder = join(sandboxDir, 'mail-relay');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(relayFiles)) writeFileSync(join(folder, name), text);
  await stopMailRelay();
  await docker([
    ...['run', '-d', '--name', relayContainer, '--label', 'openhaven.sandbox=internet'],
    ...['--hostname', 'smtp', '--network', network.name, '--ip', network.relayIpv4],
    ...['--sysctl', 'net.ipv6.conf.all.disable_ipv6=0'],
    ...['-v', `${folder}:${settings}:ro`, '-v', `${join(sandboxDir, 'internet', 'tls')}:${authority}:ro`],
    ...[foreignMailImage(), 'bash', `${settings}/start`],
  ]);
  await giveIpv6(relayContainer, network.relayIpv6);
  await waitForGreeting('the relay', relayContainer, 587);
}

export async function stopMailRelay(): Promise<void> {
  await tryDocker(['rm', '-f', '-v', relayContainer]);
}

/** What its Postfix has written since it was started. */
export async function mailRelayLog(): Promise<string> {
  return (await docker(['exec', relayContainer, 'cat', '/var/log/mail.log'])).stdout;
}
