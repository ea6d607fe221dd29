import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../../../system/cache-dir.ts';
import { waitUntil } from '../../../system/wait-until.ts';
import { ports } from '../../host/ports.ts';
import { docker, tryDocker } from '../../machine/docker.ts';

const container = 'haven-sandbox-registry-store';
/** What was published stays for the next sandbox: the same image has the same digest there. */
const folder = join(cacheDir, 'registry');

/** Where images are published, and where the front reads: on this machine only, without TLS, which Docker accepts there. */
export const storeAddress = `127.0.0.1:${ports.registryStore}`;

/**
 * The settings of Debian's docker-registry (CNCF Distribution 2.8, "Configuring a registry"). The package's own file asks
 * for a password.
 */
export const registryConfig = (address: string, root: string): string =>
  [
    'version: 0.1',
    'log: {level: warn, accesslog: {disabled: true}}',
    `storage: {filesystem: {rootdirectory: ${root}}, cache: {blobdescriptor: inmemory}, delete: {enabled: true}}`,
    `http: {addr: ${address}}`,
    '',
  ].join('\n');

/** Starts the store of all registries, from the image of the internet. Does nothing if it is running already. */
export async function startRegistryStore(image: string): Promise<void> {
  const state = await tryDocker(['inspect', '-f', '{{.State.Running}} {{.Config.Image}}', container]);
  if (state.stdout.trim() === `true ${image}`) return;
  await tryDocker(['rm', '-f', '-v', container]);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.yml'), registryConfig(storeAddress, '/registry'));
  await docker([
    ...['run', '-d', '--name', container, '--label', 'openhaven.sandbox=internet', '--network', 'host'],
    ...['-v', `${folder}:/registry`, image, 'docker-registry', 'serve', '/registry/config.yml'],
  ]);
  await waitUntil('the store of registries', async () => {
    const answer = await fetch(`http://${storeAddress}/v2/`).catch(() => undefined);
    return answer?.ok;
  });
}
